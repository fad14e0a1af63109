"""A look at trackers that are named on the command line: ``check OWNER/REPO`` and ``check --jira URL`` need no file.

The process is the preset ``kanban``. Which status and label means which stage is proposed from what the trackers show,
as ``init`` does it, and nobody is asked. Nothing is written anywhere, and nothing is remembered but where ``--store``
says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trackersync.cli.aiming import Aim, Aiming
from trackersync.cli.unfiled import worded
from trackersync.cli.wanted import Wanted
from trackersync.errors import AuthError, NotFoundError, RejectedError, TrackersyncError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackersync.config import Configuration
    from trackersync.connector import Connector, Survey
    from trackersync.core.model import Item
    from trackersync.core.outcome import Outcome

PROCESS = "kanban"
PATIENCE = "1 min"
"""For a tracker's limits. A first look is not worth an hour's wait: without a token GitHub answers 60 times an hour."""
MEMORY = "sqlite://"
"""A store that is gone with the program."""
_VARIABLES = {"github": "GITHUB_TOKEN", "jira": "JIRA_TOKEN (at Jira Cloud also JIRA_EMAIL)"}
_NAMED = {"github": "OWNER/REPO", "jira": "--jira and --project"}


@dataclass(frozen=True, slots=True)
class Fileless:
    """A configuration without a file.

    Attributes:
        configuration: sound and compiled, with what the trackers show as stages.
        said: how it came about, for the first line.
        arguments: what named the trackers.
    """

    configuration: Configuration
    said: str
    arguments: tuple[str, ...] = ()


def looked_up(wanted: Wanted, environ: Mapping[str, str], store: str | None, *, offline: bool = False) -> Fileless:
    """Ask the named trackers what they show, and make a configuration of it.

    Args:
        wanted: what the command line names.
        environ: the environment, for credentials and for the address that GitHub Actions tells.
        store: where to remember what is read; None: nowhere.
        offline: ask the store what it remembers, and no tracker.

    Raises:
        ConfigError: what is named cannot be used; the option that named it is told.
        AuthError, NotFoundError, UnavailableError: a tracker cannot be asked.
        StoreError: the store cannot be read.
    """
    from trackersync.config import composed
    from trackersync.registry import discover, rules

    aim = Aiming(replace(wanted, public=True), environ, None, lambda *_: ()).aim()
    registry, known = discover(), rules()

    def made(trackers: Mapping[str, Any]) -> Configuration:
        value = {"delivery": wanted.delivery or PROCESS, "trackers": trackers}
        return composed(value, aim.words, registry=registry, rules=known, store=store or MEMORY)

    parts = {name: {**part, "patience": PATIENCE} for name, part in aim.parts.items()}
    plain = made(parts)
    staged = _remembered(plain) if offline else asyncio.run(_asked(plain))
    whole = made({name: {**part, "stages": staged[name]} for name, part in parts.items()})
    return Fileless(whole, _said(aim, wanted), wanted.arguments)


def reworded(outcome: Outcome) -> Outcome:
    """The same, where what could not be read is told in words of the command line."""
    looks = {
        name: look
        if look.failure is None
        else replace(look, failure=_other(look.failure, worded(str(look.failure), name)))
        for name, look in outcome.world.looks.items()
    }
    return replace(outcome, world=replace(outcome.world, looks=looks))


def _other(error: TrackersyncError, words: str) -> TrackersyncError:
    """The same error in other words."""
    other = copy(error)
    other.args = (words,)
    return other


def _said(aim: Aim, wanted: Wanted) -> str:
    """The first line: that there is no file, what stands in its place, and whose eyes look."""
    seen = {"github": "labels", "jira": "statuses"}
    read = " and ".join(seen[name] for name in aim.parts)
    whose = "; ".join(f"{name}: {one.said}" if len(aim.tokens) > 1 else one.said for name, one in aim.tokens.items())
    process = f"process {wanted.delivery}" if wanted.delivery else f"preset {PROCESS}"
    return f"no trackersync.yaml: {process}, stages read from the {read} found; {whose}"


Staged = dict[str, dict[str, Any]]
"""By tracker, the ``stages`` that are proposed for what it shows."""


async def _asked(configuration: Configuration) -> Staged:
    from trackersync.http import SystemClock
    from trackersync.pipeline.opening import connected

    async with connected(configuration, SystemClock()) as (connectors, _):
        seen = await asyncio.gather(*(_seen(name, one, configuration) for name, one in connectors.items()))
    return {name: _proposed(configuration, name, *one) for name, one in zip(connectors, seen, strict=True)}


async def _seen(name: str, connector: Connector, configuration: Configuration) -> tuple[Survey | None, Sequence[Item]]:
    """What a tracker shows of itself; where that is nothing, its issues."""
    from trackersync.connector import Lately
    from trackersync.pipeline.surveying import surveys

    try:
        survey = (await surveys({name: connector})).get(name)
        if survey is not None and survey.signs:
            return survey, ()
        return survey, [item async for page in connector.observe(Lately()) for item in page.items]
    except (AuthError, NotFoundError, RejectedError, UnavailableError) as error:
        raise _unfiled(error, name, anonymous=configuration.trackers[name].anonymous) from error


def _unfiled(error: TrackersyncError, name: str, *, anonymous: bool) -> TrackersyncError:
    """The error in words of the command line, where there is no file whose keys could be mended."""
    if isinstance(error, UnavailableError):
        return UnavailableError(worded(str(error), name))
    said = str(error).removeprefix(f"{name}: ").partition(". ")[0].rstrip(".")
    remedy = f"Check {_NAMED[name]}"
    remedy += f", or set {_VARIABLES[name]} if it is not public" if anonymous else f" and {_VARIABLES[name]}"
    kind = AuthError if isinstance(error, AuthError) else NotFoundError
    return kind(f"{name}: {said}. {remedy}.")


def _remembered(configuration: Configuration) -> Staged:
    from trackersync.store import open_store

    with open_store(configuration.store) as store:
        items = {name: tuple(store.items(name)) for name in configuration.trackers}
    return {name: _proposed(configuration, name, None, some) for name, some in items.items()}


def _proposed(configuration: Configuration, name: str, survey: Survey | None, items: Sequence[Item]) -> dict[str, Any]:
    from trackersync.config.lexicon import lexicon
    from trackersync.core.propose import entries, propose
    from trackersync.pipeline.surveying import sightings

    process, vocabulary = configuration.process, configuration.plugins[name].vocabulary
    proposal = propose(process, vocabulary, sightings(survey, items, vocabulary), lexicon())
    return entries(proposal, process, vocabulary)
