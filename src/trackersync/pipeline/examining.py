"""Examine the set-up: the configuration, each tracker as it answers now, the store; what ``doctor`` shows.

Reads only: the wires that are opened here write nothing, whatever the configuration allows, and the store is neither
made nor brought up to date. Trackers are asked side by side, each for a limited time; what is wrong with one is a check
of it, and the others go on.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from trackersync.config import Configuration
from trackersync.config.plain import plain_secrets
from trackersync.connector import Clock, Connector, Examining, Hooking
from trackersync.core.examination import Check, Examination, Grade, Section
from trackersync.core.examine import covered, mapping, named, people, roles, usual
from trackersync.core.examine.coverage import NAME as MAPPING
from trackersync.core.model import Facts
from trackersync.core.terms import Terms
from trackersync.errors import AuthError, TrackersyncError, UnavailableError
from trackersync.http import Log, SystemClock
from trackersync.http.reach import Reached, UnreachedError, reach
from trackersync.pipeline.opening import connected, terms_of
from trackersync.pipeline.patience import Patience
from trackersync.pipeline.session import Progress
from trackersync.pipeline.upkeep import Upkeep, upkeep
from trackersync.report.names import ago, count
from trackersync.report.times import MONTHS

PATIENCE = 20.0
"""Seconds without any answer after which a tracker is given up; one that answers is slow, and not silent."""
LONGEST = 300.0
"""Seconds that one tracker is asked altogether, though it goes on answering."""
BRIEF = 8.0
"""Seconds to wait for one answer, so that a tracker that hangs is told apart from one that is slow."""
SKEW = timedelta(seconds=60)
"""A GitHub App dates its sign-in a minute back: clocks that are further apart have it refused."""
ENDING = timedelta(days=14)
"""A certificate that ends within so long is told of."""
_ADVICE = re.compile(r"\. (?=[A-Z`])")
"""Where a sentence ends, and the one that says what to do begins."""
_AFTER_MAPPING = ("workflow", "budget", "webhooks")
"""What of a tracker's own checks is read after the mapping: first whether it fits, then how it runs."""


async def examined(
    configuration: Configuration,
    *,
    only: str | None = None,
    log: Log | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
    patience: float = PATIENCE,
    longest: float = LONGEST,
) -> Examination:
    """Examine a set-up.

    Args:
        configuration: sound and compiled.
        only: one tracker's name: nothing but this tracker is examined.
        log: told of every request.
        progress: told what is waited for.
        clock: this machine's time.
        patience: seconds without any answer after which a tracker is given up.
        longest: seconds that one tracker is asked altogether.
    """
    clock = clock or SystemClock()
    chosen = configuration if only is None else _only(configuration, only)
    with upkeep(configuration, clock) as kept:
        terms = terms_of(configuration) if kept.session is None else kept.session.terms
        brief = min(BRIEF, patience)
        limits = {name: Patience(patience, longest) for name in chosen.plugins}

        def heard(tracker: str) -> None:
            limits[tracker].heard()

        async with connected(chosen, clock, progress=progress, log=log, brief=brief, heard=heard) as (connectors, _):
            asking = _Asking(configuration, kept, terms, clock, limits)
            trackers = await asyncio.gather(*map(asking.tracker, connectors.values()))
        if only is not None:
            return Examination(tuple(trackers))
        first = Section("configuration", _configuration(configuration, kept, terms))
        return Examination((first, *trackers, Section("running", (*kept.store, *kept.last))))


def _only(configuration: Configuration, tracker: str) -> Configuration:
    return replace(configuration, plugins={tracker: configuration.plugins[tracker]})


# The configuration.


def _configuration(configuration: Configuration, kept: Upkeep, terms: Terms) -> tuple[Check, ...]:
    stages, persons = len(configuration.process.stages), len(configuration.people)
    said = [
        count(len(configuration.trackers), "tracker"),
        f"{count(stages, 'stage')} of `{configuration.process.name}`",
        f"{persons:,} {'person' if persons == 1 else 'people'}",
    ]
    checks = [Check("file", Grade.GOOD, ", ".join(said))]
    checks += [
        Check("secret", Grade.WARNING, f"{key} stands in {where} as plain text", _hidden(key))
        for key, where in plain_secrets(configuration)
    ]
    checks += roles(configuration.process, terms.people, configuration.rulebook)
    if kept.session is None:
        why, remedy = kept.unread
        checks.append(Check("people", Grade.NOTE, f"{persons:,} configured; who is an owner is {why}", remedy))
    else:
        checks.append(people(terms.people.identity, len(configuration.trackers)))
    return tuple(checks)


def _hidden(key: str) -> str:
    """How a credential is kept out of the file."""
    *_, name = key.split(".")
    if name == "store":
        return "write store: ${STORE_URL}, or set TRACKERSYNC_STORE, and take the password out of the file"
    variable = key.removeprefix("trackers.").replace(".", "_").replace("-", "_").upper()
    file = f", or {name}_file: PATH" if name in ("token", "private_key") else ""
    return f"write {name}: ${{{variable}}}{file}, and let the credential be replaced where others read the file"


# One tracker.


@dataclass(frozen=True, slots=True)
class _Asking:
    """What every tracker's examination needs.

    Attributes:
        configuration: sound and compiled.
        kept: what the store remembers.
        terms: the mapping in present names.
        clock: this machine's time.
        limits: by tracker, how long it is waited for.
    """

    configuration: Configuration
    kept: Upkeep
    terms: Terms
    clock: Clock
    limits: Mapping[str, Patience]

    async def tracker(self, connector: Connector) -> Section:
        """One tracker's checks, whatever is wrong with it."""
        tracker, kept = connector.tracker, self.kept
        url, rules = self.configuration.trackers[tracker].url, self.configuration.rules[tracker]
        limit = self.limits[tracker]
        checks: list[Check] = []
        try:
            async with limit.held():
                reached = await reach(url, self.clock, seconds=min(BRIEF, limit.patience))
                limit.heard()
                checks += _reached(reached, url, self.clock.now())
                async for check in _asked(connector, named(tracker, rules, self.terms), kept.shown(tracker)):
                    checks.append(check)
        except UnreachedError as error:
            checks.append(Check("reachable", Grade.ERROR, error.why, error.remedy))
        except TimeoutError:
            checks.append(Check("answers", Grade.ERROR, limit.said, _later(tracker)))
        except AuthError as error:
            checks.append(self._refusal("who we are", tracker, error))
        except TrackersyncError as error:
            checks.append(self._refusal("answers", tracker, error))
        rest = next((place for place, check in enumerate(checks) if check.name in _AFTER_MAPPING), len(checks))
        checks.insert(rest, _mapping(kept, tracker, self.terms))
        if self.configuration.settings.service.address is not None and isinstance(connector, Hooking):
            checks = [_hookless(check, tracker) for check in checks]
        return Section(tracker, tuple(_usual(check, kept.requests(tracker)) for check in checks), url, tracker=True)

    def _refusal(self, name: str, tracker: str, error: TrackersyncError) -> Check:
        """What stopped it, and what to do: as it says, else to wait where that can mend it, and to look where not."""
        said, remedy = _parted(str(error).removeprefix(f"{tracker}: "))
        if isinstance(error, UnavailableError) and error.passing:
            return Check(name, Grade.ERROR, said, remedy or _later(tracker))
        what = "the credential" if isinstance(error, AuthError) else "`url`"
        where = self.configuration.origin.source(("trackers", tracker, "url"))
        return Check(name, Grade.ERROR, said, remedy or f"check {what} of tracker {tracker} in {where}")


async def _asked(connector: Connector, values: Facts, shown: Facts) -> AsyncIterator[Check]:
    """What the connector says; of one that cannot be examined, what it says before a run."""
    if isinstance(connector, Examining):
        async for check in connector.examine(values, shown):
            yield check
        return
    probe = await connector.probe()
    yield Check("who we are", Grade.GOOD, probe.account)
    for name in probe.containers:
        yield Check(name, Grade.GOOD, "may be read")
    for sentence in probe.missing:
        yield Check("rights", Grade.WARNING, *_parted(sentence))


def _reached(reached: Reached, url: str, now: datetime) -> tuple[Check, ...]:
    said = [f"{reached.milliseconds:,.0f} ms"]
    more: list[Check] = []
    if reached.until is None:
        plain = urlsplit(url).scheme == "http"
        said.append("plain http, on loopback" if plain else "its certificate does not say when it ends")
    elif reached.until - now > ENDING:
        said.append(f"certificate good until {_day(reached.until, now)}")
    else:
        ends = f"ends {_day(reached.until, now)}, in {ago(reached.until - now)}"
        more.append(Check("certificate", Grade.WARNING, ends, "let the server's certificate be renewed before"))
    if reached.ahead is None:
        said.append("it does not tell the time")
    elif abs(reached.ahead) <= SKEW:
        apart = round(abs(reached.ahead).total_seconds())
        said.append(f"clocks {apart} s apart" if apart else "clocks agree to the second")
    else:
        way = "ahead of" if reached.ahead > timedelta(0) else "behind"
        # Rather a second too much: an hour that is half a second short is an hour.
        off = ago(abs(reached.ahead) + timedelta(seconds=1))
        told = f"this machine's is {off} {way} the tracker's: times and ages are off by as much"
        more.append(Check("clock", Grade.WARNING, f"{told}, and a GitHub App's sign-in is refused", "set it by NTP"))
    return (Check("reachable", Grade.GOOD, "; ".join(said)), *more)


def _day(at: datetime, now: datetime) -> str:
    here = at.astimezone()
    year = "" if here.year == now.astimezone().year else f" {here.year}"
    return f"{here.day} {MONTHS[here.month - 1]}{year}"


def _later(tracker: str) -> str:
    return f"try again later: trackersync doctor --tracker {shlex.quote(tracker)}"


def _parted(sentence: str) -> tuple[str, str]:
    """What is wrong, and what to do about it, which stands after it."""
    said, *rest = _ADVICE.split(sentence, maxsplit=1)
    if not rest:
        # Advice in the same sentence is its last part.
        head, _, tail = sentence.rpartition("; ")
        said, rest = (head, [tail]) if head and ")" not in tail else (sentence, [])
    return said.rstrip("."), "".join(rest).rstrip(".")


def _mapping(kept: Upkeep, tracker: str, terms: Terms) -> Check:
    """How far the mapping reaches over what was last observed."""
    if kept.session is None:
        return Check(MAPPING, Grade.NOTE, *kept.unread)
    store = kept.session.store
    items = tuple(store.items(tracker))
    if not items and store.freshness(tracker) is None:
        return Check(MAPPING, Grade.NOTE, "not read yet", "trackersync check")
    check = mapping(covered(items, tracker, terms))
    if kept.session.complete(tracker):
        return check
    return replace(check, said=f"{check.said}; not everything was read yet")


def _hookless(check: Check, tracker: str) -> Check:
    """Where no webhook tells of anything although a service waits for them: how one is made."""
    if check.name != "webhooks" or check.remedy or not check.said.startswith("none"):
        return check
    return replace(check, grade=Grade.WARNING, remedy=f"trackersync hooks install {shlex.quote(tracker)}")


def _usual(check: Check, sent: Sequence[int]) -> Check:
    """What is left of the budget, beside what a run takes of it."""
    takes = usual(sent) if check.name == "budget" else None
    if takes is None:
        return check
    least, most = takes
    return replace(check, said=f"{check.said}; a usual run takes {least:,}{f' to {most:,}' if most > least else ''}")
