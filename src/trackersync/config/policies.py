"""Checks that need more than one key: who may have authority, what a field can adopt, which pairs are links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trackersync.config.address import trouble_with_store
from trackersync.config.faults import Fault, Path
from trackersync.config.settings import OwnersPolicy, Settings, StagePolicy
from trackersync.config.wording import Shown
from trackersync.core.nearest import did_you_mean

LATEST = "latest"
AUTHORITIES = ("changed", LATEST, "ask")
ADOPTIONS = {"stage": ("ask", "authority", "furthest", LATEST), "owners": ("ask", "authority", LATEST)}
DIRECTIONS = ("both", "off")
RESERVED = (
    *AUTHORITIES,
    *DIRECTIONS,
    "authority",
    "furthest",
    "none",
    "nobody",
    "name",
    "email",
    "roles",
    "file",
)
"""Words that mean something else where a tracker's name may stand."""


def unsound(settings: Settings, trackers: Mapping[str, bool], shown: Shown) -> list[Fault]:
    """What is wrong with policies, links and store, given the trackers there are.

    Args:
        settings: as written.
        trackers: by name, whether a tracker tells who changed what, and when.
        shown: how what is written at a path is shown.
    """
    faults = list(_policy(settings.sync.stage, "stage", trackers, shown))
    faults += _policy(settings.sync.owners, "owners", trackers, shown)
    faults += _links(settings.links)
    trouble = trouble_with_store(settings.store.get_secret_value())
    if trouble is not None:
        faults.append(Fault(("store",), *trouble))
    return faults


def _policy(
    policy: StagePolicy | OwnersPolicy, field: str, trackers: Mapping[str, bool], shown: Shown
) -> Iterator[Fault]:
    authority, adopt, direction = (("sync", field, key) for key in ("authority", "adopt", "direction"))
    source = policy.direction if policy.direction in trackers else None
    named = policy.authority in trackers or (source is not None and policy.authority == "changed")
    if source is None and policy.direction not in DIRECTIONS:
        hint = did_you_mean(shown(direction), [*DIRECTIONS, *trackers])
        yield Fault(direction, f'no tracker is named "{shown(direction)}"', hint)
    if source is not None and policy.authority not in (*AUTHORITIES, source):
        yield Fault(
            authority, f"{field} comes from {source}, so {source} decides", f"write {source}, or leave authority out"
        )
    mute = [name for name, tells in trackers.items() if not tells]
    if policy.authority == LATEST and mute:
        yield _untold(authority, mute, AUTHORITIES)
    elif policy.authority not in (*AUTHORITIES, *trackers):
        words = [*AUTHORITIES, *trackers]
        yield Fault(authority, f'no tracker is named "{shown(authority)}"', did_you_mean(shown(authority), words))
    if policy.adopt == LATEST and mute:
        yield _untold(adopt, mute, ADOPTIONS[field])
    elif policy.adopt == "furthest" and field == "owners":
        yield Fault(adopt, "owners have no order, so none is further", "write ask, or authority with a tracker's name")
    elif policy.adopt not in ADOPTIONS[field]:
        yield Fault(adopt, f'unknown word "{shown(adopt)}"', did_you_mean(shown(adopt), ADOPTIONS[field]))
    elif policy.adopt == "authority" and not named:
        choice = " or ".join(trackers) or "a tracker's name"
        yield Fault(adopt, "`adopt: authority` needs a tracker as authority", f"add authority: {choice}")


def _untold(path: Path, mute: Sequence[str], words: Sequence[str]) -> Fault:
    instead = ", ".join(word for word in words if word != LATEST)
    does = "does" if len(mute) == 1 else "do"
    message = f"`latest` needs the field's history, which {' and '.join(mute)} {does} not tell"
    return Fault(path, message, f"write {instead}")


def _links(links: list[list[str]]) -> Iterator[Fault]:
    for place, pair in enumerate(links):
        if len(pair) != 2 or len({key.strip().casefold() for key in pair}) != 2 or not all(key.strip() for key in pair):
            yield Fault(("links", place), "a link is two different keys", "write [SHOP-42, acme/shop#17]")
