"""What trackers show of themselves before anybody has mapped them, and how often: what a proposal is made from.

Reads only. Values that issues show and the tracker does not list count as well, so a tracker that cannot be surveyed is
proposed for by its issues alone.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from trackersync.config import Configuration
from trackersync.connector import Chronicler, Connector, Container, Historian, Offering, Probe, Sign, Survey, Surveying
from trackersync.core.model import Event, Item, Matcher, Vocabulary
from trackersync.core.process import Process
from trackersync.core.propose import Lexicon, Proposal, Sighting, propose
from trackersync.errors import AuthError, NotFoundError, RejectedError, UnavailableError
from trackersync.http import Log, SystemClock
from trackersync.pipeline.observe import observe
from trackersync.pipeline.opening import connected
from trackersync.pipeline.session import Session

MOST = 200
"""So many histories tell enough of how issues move, where the tracker tells of many at once."""
FEW = 40
"""So many are asked for where each costs a request of its own."""
IN_FLIGHT = 8
_HOST = re.compile(r"https?://[^/?#\s]+")


BRIEF = 20.0
"""Seconds that one answer is waited for while somebody waits for a list."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One tracker before its issues were read.

    Attributes:
        probe: who we are there.
        survey: what it shows of itself; None where it cannot tell.
    """

    probe: Probe
    survey: Survey | None


@dataclass(frozen=True, slots=True)
class Looked:
    """One tracker with its issues.

    Attributes:
        items: all that were read.
        proposal: a stage for every value they show or the tracker lists.
    """

    items: tuple[Item, ...]
    proposal: Proposal


async def offered(configuration: Configuration, *, log: Log | None = None) -> dict[str, tuple[Container, ...]]:
    """By tracker, the repositories or projects that its credential shows; a tracker that cannot tell is left out.

    Args:
        configuration: with ``Plugin.example`` in place of what is not known yet.
        log: told of every request.

    Raises:
        AuthError, UnavailableError: they cannot be listed.
    """
    async with connected(configuration, SystemClock(), log=log, brief=BRIEF) as (connectors, _):
        return {name: await one.offered() for name, one in connectors.items() if isinstance(one, Offering)}


async def surveyed(configuration: Configuration, *, log: Log | None = None) -> dict[str, Surveyed]:
    """Every tracker of a configuration, asked who we are and what it shows; no issue is read.

    Raises:
        NotFoundError: a configured repository or project does not exist or is hidden.
        AuthError, UnavailableError: a tracker cannot be asked.
    """
    async with connected(configuration, SystemClock(), log=log, brief=BRIEF) as (connectors, _):
        probes = await asyncio.gather(*(one.probe() for one in connectors.values()))
        found = await surveys(connectors)
    return {name: Surveyed(probe, found.get(name)) for name, probe in zip(connectors, probes, strict=True)}


async def looked(
    session: Session,
    process: Process,
    lexicon: Lexicon,
    known: Mapping[str, Surveyed],
    further: Mapping[str, Sequence[Sign]],
) -> dict[str, Looked]:
    """Read every tracker's issues into the store, and propose a stage for all they show.

    Histories are asked for only where a name and its neighbours leave a status in doubt.

    Args:
        session: open; nothing needs to be mapped in it.
        process: whose stages are proposed.
        lexicon: the words names are read by.
        known: by tracker, what it showed of itself.
        further: by tracker, signs that are taken besides.

    Raises:
        TrackersyncError: a tracker was not read to its end; the first that was not.
    """
    looks = await observe(session)
    for look in looks.values():
        if look.failure is not None:
            raise look.failure
    found = {}
    for name, connector in session.connectors.items():
        items = tuple(session.store.items(name))
        vocabulary = connector.vocabulary
        seen = sightings(known[name].survey, items, vocabulary, further.get(name, ()))
        proposal = propose(process, vocabulary, seen, lexicon)
        steps = {matcher.key for matcher in vocabulary.matchers if matcher.fact == vocabulary.routed}
        doubtful = [line.value for line in proposal.guesses if line.place in steps]
        if doubtful and (pairs := await moves(connector, vocabulary, items, doubtful)):
            proposal = propose(process, vocabulary, seen, lexicon, pairs)
        found[name] = Looked(items, proposal)
    return found


async def surveys(connectors: Mapping[str, Connector]) -> dict[str, Survey]:
    """By tracker, what it shows of itself; a tracker that cannot tell is left out.

    Raises:
        NotFoundError: a configured repository or project does not exist or is hidden.
        AuthError, UnavailableError: a tracker cannot be asked.
    """
    able = {name: one for name, one in connectors.items() if isinstance(one, Surveying)}
    found = await asyncio.gather(*(one.survey() for one in able.values()))
    return dict(zip(able, found, strict=True))


def sightings(
    survey: Survey | None, items: Iterable[Item], vocabulary: Vocabulary, further: Sequence[Sign] = ()
) -> tuple[Sighting, ...]:
    """Every value in which a stage may live in a tracker, with the issues that show it.

    Args:
        survey: what the tracker shows of itself; None where it cannot tell.
        items: its issues as observed.
        vocabulary: its own.
        further: signs that are taken besides: the columns of a board that is to count.
    """
    matchers = {matcher.key: matcher for matcher in vocabulary.matchers}
    signs = {(sign.place, sign.value.casefold()): sign for sign in (*(survey.signs if survey else ()), *further)}
    places = [matchers[key] for key in matchers if _told(matchers[key]) or any(key == place for place, _ in signs)]
    counts: dict[tuple[str, str], list[int]] = {}
    shown: dict[tuple[str, str], str] = {key: sign.value for key, sign in signs.items()}
    for item in items:
        is_open = not over(item, vocabulary)
        for matcher in places:
            for value in item.facts.get(matcher.fact, ()):
                key = (matcher.key, value.casefold())
                shown.setdefault(key, value)
                count = counts.setdefault(key, [0, 0])
                count[0] += is_open
                count[1] += 1
    found = []
    for key, value in shown.items():
        sign = signs.get(key)
        now, ever = counts.get(key, (0, 0))
        category, rank = (sign.category, sign.rank) if sign is not None else ("", None)
        found.append(Sighting(key[0], value, category, rank, now, ever))
    return tuple(found)


def over(item: Item, vocabulary: Vocabulary) -> bool:
    """Whether the tracker itself counts an issue as finished."""
    return any(
        facts is not None and all(set(values) & set(item.facts.get(fact, ())) for fact, values in facts.items())
        for facts in (vocabulary.finished, vocabulary.ended)
    )


def elsewhere(
    items: Iterable[Item], addresses: Iterable[str], containers: Iterable[str], vocabulary: Vocabulary
) -> dict[str, int]:
    """Addresses under which the issues of other trackers name this one's, though nobody has said that they are its own.

    Args:
        items: issues of the others.
        addresses: where this tracker's pages are found, as configured.
        containers: its repositories or projects: what names another is no word of this tracker.
        vocabulary: its own.

    Returns:
        By address, how many issues name it, the most named first.
    """
    known, mine = tuple(f"{address.rstrip('/')}/" for address in addresses), set(containers)
    counts: Counter[str] = Counter()
    for item in items:
        found = {_base(url, vocabulary, mine) for url in item.urls if not url.startswith(known)}
        counts.update(base for base in found if base)
    return dict(counts.most_common())


def _base(url: str, vocabulary: Vocabulary, containers: Collection[str]) -> str:
    """The address before what names an item of these containers; empty where none is named."""
    host = _HOST.match(url)
    if host is None:
        return ""
    rest = url[host.end() :]
    for form in vocabulary.url_forms:
        match = re.search(form.pattern, rest)
        if match is not None and re.split(r"#|-(?=\d+$)", match.expand(form.key))[0] in containers:
            return f"{host[0]}{rest[: match.start()]}"
    return ""


async def moves(
    connector: Connector, vocabulary: Vocabulary, items: Iterable[Item], doubtful: Iterable[str] = ()
) -> tuple[tuple[str, str], ...]:
    """How issues really move: pairs of a status and the one after it, as the latest histories show them.

    Args:
        connector: the tracker's.
        vocabulary: its own: only what moves along a workflow has one value before another.
        items: its issues.
        doubtful: values that histories shall tell of: issues that show one of them are asked first.

    Returns:
        A pair for every move; none where the tracker keeps no history, or does not show it to us: it is a help that can
        be done without.
    """
    routed = vocabulary.routed
    if routed is None or not isinstance(connector, Historian):
        return ()
    wanted = {value.casefold() for value in doubtful}

    def first(item: Item) -> tuple[bool, float]:
        shows = any(value.casefold() in wanted for value in item.facts.get(routed, ()))
        return (not shows, -item.updated.timestamp())

    many = isinstance(connector, Chronicler)
    asked = sorted(items, key=first)[: MOST if many else FEW]
    events: list[Event] = []
    if isinstance(connector, Chronicler):
        with suppress(AuthError, UnavailableError, NotFoundError, RejectedError):
            told = await connector.histories([item.ref for item in asked])
            events = [event for one in told.values() for event in one]
    else:
        events = await _one_by_one(connector, asked)
    return tuple(
        (source, target)
        for event in events
        if event.fact == routed
        for source in event.removed
        for target in event.added
    )


async def _one_by_one(historian: Historian, items: Sequence[Item]) -> list[Event]:
    gate = asyncio.Semaphore(IN_FLIGHT)
    down = False

    async def read(item: Item) -> tuple[Event, ...]:
        nonlocal down
        async with gate:
            try:
                return () if down else await historian.history(item.ref)
            except (NotFoundError, RejectedError):
                return ()
            except (AuthError, UnavailableError):
                down = True
                return ()

    return [event for events in await asyncio.gather(*map(read, items)) for event in events]


def _told(matcher: Matcher) -> bool:
    """Whether a stage usually lives there, in values that the tracker's people choose."""
    return not (matcher.optional or matcher.evidence or matcher.condition or matcher.values)
