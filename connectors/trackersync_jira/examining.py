"""How well a Jira is set up for us: who we are, what we may and need not do, and whether what is named exists.

Only reads. What cannot be asked is told as a note; only a credential that is not known, and silence, are errors of the
whole. Webhooks that administrators made are listed at an address of their own: Atlassian, "Webhooks" (Cloud and Data
Center, which moved it with version 10).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from trackersync.connector import (
    Answer,
    AuthError,
    Check,
    Facts,
    Grade,
    NotFoundError,
    RejectedError,
    UnavailableError,
    did_you_mean,
    each,
    fold,
)
from trackersync_jira import standing
from trackersync_jira.api import Api
from trackersync_jira.drawing import Drawing
from trackersync_jira.reaching import missing
from trackersync_jira.settings import JiraSettings
from trackersync_jira.shaped import shaped
from trackersync_jira.surveying import Shown, drawn, shown

NAMED = {"status": ("statuses", "status"), "resolution": ("resolutions", "resolution"), "type": ("types", "issue type")}
"""By fact, the check that is about its values, and what one is called."""

NAMES = 3
"""Names or pairs that are listed in a sentence."""

HOOKS = ("/rest/jira-webhook/1.0/webhooks", "/rest/webhooks/1.0/webhook")
"""Where Data Center lists webhooks: since version 10, and before."""

TROUBLES = (AuthError, NotFoundError, RejectedError, UnavailableError)


class Hook(msgspec.Struct, frozen=True):
    """A webhook: whether it is in use is ``active`` since Data Center 10, else ``enabled``."""

    enabled: bool | None = None
    active: bool | None = None


async def examine(
    api: Api, settings: JiraSettings, named: Facts, now: datetime, seen: Facts | None = None
) -> AsyncIterator[Check]:
    """Examine one Jira; see ``connector.Examining.examine``.

    Args:
        api: Jira.
        settings: what the configuration says of it.
        named: by fact, the values that the configuration names, by name or id.
        now: the time, for tokens that end.
        seen: by fact, the values that issues show: a server that is not Atlassian's may list fewer.

    Raises:
        AuthError: Jira does not know us.
        UnavailableError: it did not answer.
    """
    if settings.anonymous:
        checks, administrator = await standing.everybody(api, settings), False
    else:
        for check in await standing.account(api, settings, now):
            yield check
        checks, administrator = await standing.projects(api, settings)
    for check in checks:
        yield check

    async def known(project: str) -> Shown | None:
        try:
            return await shown(api, project)
        except TROUBLES:
            # Why not, its own check has told.
            return None

    projects = {key: one for key, one in (await each(known, settings.projects)).items() if one is not None}
    unseen = [key for key in settings.projects if key not in projects]
    for check in await _named(api, projects, named, seen or {}, unseen):
        yield check
    if "stage" in settings.writes and named.get("status"):
        for check in await _workflow(api, settings, projects, named["status"]):
            yield check
    yield await _budget(api)
    yield await _webhooks(api, administrator=administrator)


async def _named(
    api: Api, projects: Mapping[str, Shown], named: Facts, seen: Facts, unseen: Collection[str]
) -> list[Check]:
    """Whether the values that the configuration names exist in any project; what an issue shows does."""
    kinds = [kind for one in projects.values() for kind in one.kinds]
    known: dict[str, list[tuple[str, str]]] = {
        "status": [(status.id, status.name) for kind in kinds for status in kind.statuses],
        "type": [(kind.id, kind.name) for kind in kinds],
    }
    if named.get("resolution"):
        try:
            known["resolution"] = [(one.id, one.name) for one in await api.resolutions()]
        except TROUBLES:
            known["resolution"] = []
    checks = []
    for fact, (name, word) in NAMED.items():
        values = tuple(dict.fromkeys(named.get(fact, ())))
        # A resolution is the whole site's, and does not depend on what projects are seen.
        hidden = () if fact == "resolution" else unseen
        if not values:
            continue
        if not known[fact]:
            checks.append(Check(name, Grade.NOTE, f"{len(values)} named; Jira does not show which there are"))
            continue
        there = [*known[fact], *(("", value) for value in seen.get(fact, ()))]
        checks += _unknown(name, word, values, there, hidden)
    return checks


def _unknown(
    name: str, word: str, values: Collection[str], known: Collection[tuple[str, str]], unseen: Collection[str]
) -> list[Check]:
    """A check for each value that is not known, or one for all that are."""
    words = fold(part for pair in known for part in pair if part)
    strange = [value for value in values if value.casefold() not in words]
    if not strange:
        return [Check(name, Grade.GOOD, f"{len(values)} named, all known")]
    names = list(dict.fromkeys(called for _, called in known))
    if unseen:
        said = f"{_few([_quoted(one) for one in strange])} may be of {', '.join(unseen)}, which is not shown"
        return [Check(name, Grade.NOTE, said)]
    where = "this Jira has no" if name == "resolutions" else "no configured project has the"
    return [Check(name, Grade.ERROR, f'{where} {word} "{one}"', did_you_mean(one, names)) for one in strange]


# How far issues can be led.


async def _workflow(
    api: Api, settings: JiraSettings, projects: Mapping[str, Shown], statuses: Collection[str]
) -> list[Check]:
    """How far every mapped status can be reached from every other, where that is shown beforehand."""
    if not api.site.cloud:
        return [
            Check("workflow", Grade.NOTE, "Data Center does not show workflows whole; ways are learned as issues move")
        ]
    called = {status.id: status.name for one in projects.values() for status in one.statuses if status.id}
    wanted = fold(called.get(status, status) for status in statuses)
    mapped = {name for name in called.values() if name.casefold() in wanted}
    barred = fold(settings.hands_off.get("statuses", ()))
    hands_off = {name for number, name in called.items() if {number, name.casefold()} & barred}

    async def of(project: str) -> tuple[Drawing, ...] | None:
        return await drawn(api, projects[project], called)

    drawings = await each(of, projects)
    unshown = [project for project, found in drawings.items() if found is None]
    checks = []
    if unshown:
        said = f"not shown to this account for {', '.join(unshown)}; ways are learned as issues move"
        remedy = 'give it the permission "View (read-only) workflow" to have them known beforehand'
        checks.append(Check("workflow", Grade.NOTE, said, remedy))
    seen = [(project, drawing) for project, found in drawings.items() for drawing in found or ()]
    gaps = [
        check
        for project, drawing in seen
        for check in missing(f"{project}, {drawing.name}" if drawing.name else project, drawing, mapped, hands_off)
    ]
    if seen and not gaps:
        said = f"{len(mapped)} statuses mapped, each can be reached from every other"
        checks.append(Check("workflow", Grade.GOOD, said))
    return [*checks, *gaps]


# What Jira allows, and what it sends.


async def _budget(api: Api) -> Check:
    """What is left of the requests that Jira allows, where it tells."""
    try:
        answer = await api.wire.read("GET", "/rest/api/2/serverInfo")
    except TROUBLES:
        return Check("budget", Grade.NOTE, "Jira gives no usable answer to what it allows")
    limit, remaining, fill, interval = (
        _number(answer, name) for name in ("limit", "remaining", "fillrate", "interval-seconds")
    )
    if limit is None or remaining is None or not limit:
        return Check("budget", Grade.NOTE, "Jira names no limit")
    refill = f"; {fill:,} come back every {interval} s" if fill is not None and interval is not None else ""
    said = f"{remaining:,} of {limit:,} requests left{refill}"
    if answer.headers.get("x-ratelimit-nearlimit") == "true" or remaining * 5 < limit:
        remedy = "let it run less often, or ask an administrator of Jira for more"
        return Check("budget", Grade.WARNING, said, remedy)
    return Check("budget", Grade.GOOD, said)


def _number(answer: Answer, name: str) -> int | None:
    text = answer.headers.get(f"x-ratelimit-{name}", "").strip()
    return int(text) if text.isascii() and text.isdecimal() else None


async def _webhooks(api: Api, *, administrator: bool) -> Check:
    """Which webhooks there are: only an administrator is shown them, so that nobody else asks."""
    if not administrator:
        return Check("webhooks", Grade.NOTE, "only an administrator of Jira sees them")
    for path in ("/rest/webhooks/1.0/webhook",) if api.site.cloud else HOOKS:
        try:
            answer = await api.wire.read("GET", path)
            hooks = shaped(answer, list[Hook]) if answer.status == 200 else None
        except TROUBLES:
            hooks = None
        if hooks is not None:
            used = sum((one.enabled if one.enabled is not None else one.active) is not False for one in hooks)
            said = f"{used} of {len(hooks)} are enabled, whoever they are for" if hooks else "none"
            return Check("webhooks", Grade.GOOD if used else Grade.NOTE, said)
    return Check("webhooks", Grade.NOTE, "Jira does not show them")


def _few(words: Sequence[str]) -> str:
    more = f" and {len(words) - NAMES} more" if len(words) > NAMES else ""
    return ", ".join(words[:NAMES]) + more


def _quoted(word: str) -> str:
    return f'"{word}"'
