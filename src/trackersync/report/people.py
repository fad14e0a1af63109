"""Who is who, with how much open work each has: the values that the screen and the JSON of ``people`` are made of."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml

from trackersync.core.diagnose import Case
from trackersync.core.identity import Identity, Match
from trackersync.core.likeness import Proposal, folded
from trackersync.core.model import OWNERS, Account, Person
from trackersync.core.nearest import did_you_mean
from trackersync.core.outcome import World
from trackersync.core.terms import natural
from trackersync.errors import ConfigError
from trackersync.report.names import Keys, clean, cut

_MARKS = frozenset("✗✓·→…")
"""What a plain screen replaces, and what a line to be pasted therefore writes as an escape."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person, their accounts, and the open tasks that any of these owns."""

    person: Person
    matches: tuple[Match, ...]
    tasks: tuple[Case, ...]

    @property
    def name(self) -> str:
        """What people call them everywhere."""
        return self.person.name


@dataclass(frozen=True, slots=True)
class Possible:
    """An account that could be somebody's, and the open tasks that it or its twin owns."""

    proposal: Proposal
    tasks: tuple[Case, ...]

    @property
    def name(self) -> str:
        """What its tracker calls it."""
        return self.proposal.account.name


@dataclass(frozen=True, slots=True)
class Stranger:
    """An account that is nobody's, and the open tasks it owns."""

    account: Account
    tasks: tuple[Case, ...]

    @property
    def name(self) -> str:
        """What its tracker calls it."""
        return self.account.name


Entry = Known | Possible | Stranger


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody, each with the most open work first.

    Attributes:
        known: the persons.
        possible: the accounts that could be somebody's.
        strangers: the accounts that are nobody's.
        read: tracker to when the store's picture of it was taken; None where it was never read to its end.
        keys: how items are called.
    """

    known: tuple[Known, ...]
    possible: tuple[Possible, ...]
    strangers: tuple[Stranger, ...]
    read: Mapping[str, datetime | None]
    keys: Keys

    @property
    def matched(self) -> int:
        """How many of the accounts seen are somebody's."""
        return sum(match.seen for one in self.known for match in one.matches)

    @property
    def empty(self) -> bool:
        """Whether the store holds nothing that could be told."""
        seen = self.matched or self.possible or self.strangers
        return not seen and all(at is None for at in self.read.values())


def roster_of(identity: Identity, world: World) -> Roster:
    """Everybody in an identity map, with the open work of the world it belongs to."""
    work: dict[tuple[str, str], dict[str, Case]] = defaultdict(dict)
    for case in world.cases:
        for witness in () if case.finished else case.witnesses:
            for owner in witness.item.facts.get(OWNERS, ()):
                work[witness.tracker, folded(owner)][case.task.id] = case

    def tasks(accounts: Iterable[Account | None]) -> tuple[Case, ...]:
        found: dict[str, Case] = {}
        for account in accounts:
            found |= work.get((account.tracker, folded(account.id)), {}) if account is not None else {}
        return tuple(sorted(found.values(), key=lambda case: natural(case.witnesses[0].item.key)))

    matches: dict[str, list[Match]] = defaultdict(list)
    for match in identity.matches:
        matches[match.person].append(match)
    known = [
        Known(person, tuple(matches[person.name]), tasks(match.account for match in matches[person.name]))
        for person in identity.people
    ]
    possible = [Possible(one, tasks((one.account, one.twin))) for one in identity.proposals]
    strangers = [Stranger(account, tasks((account,))) for account in identity.unmapped]
    return Roster(
        known=tuple(sorted(known, key=_busy)),
        possible=tuple(sorted(possible, key=_busy)),
        strangers=tuple(sorted(strangers, key=_busy)),
        read={name: look.since for name, look in world.looks.items()},
        keys=Keys(item for task in world.tasks for item in task.items),
    )


def _busy(one: Entry) -> int:
    return -len(one.tasks)


def only(roster: Roster, name: str) -> Roster:
    """Those of a roster that are called so: a person's name or address, an account's id or name; in any case.

    Raises:
        ConfigError: nobody is.
    """
    wanted = _word(name)
    found = replace(
        roster,
        known=tuple(one for one in roster.known if wanted in _names(one)),
        possible=tuple(one for one in roster.possible if wanted in _names(one)),
        strangers=tuple(one for one in roster.strangers if wanted in _names(one)),
    )
    if not (found.known or found.possible or found.strangers):
        everybody: list[Entry] = [*roster.known, *roster.possible, *roster.strangers]
        hint = did_you_mean(wanted, dict.fromkeys(one for each in everybody for one in _names(each)))
        raise ConfigError(
            f'nobody is called "{cut(clean(name), 60)}", in any tracker', next_step=hint or "trackersync check"
        )
    return found


def _names(one: Entry) -> Iterator[str]:
    yield _word(one.name)
    if isinstance(one, Known):
        yield _word(one.person.email or one.name)
        accounts = [match.account for match in one.matches]
    elif isinstance(one, Possible):
        yield from map(_word, one.proposal.could_be)
        accounts = [account for account in (one.proposal.account, one.proposal.twin) if account is not None]
    else:
        accounts = [one.account]
    for account in accounts:
        yield _word(account.id)
        yield _word(account.name)


def _word(name: str) -> str:
    """A name as a person types it: as the screen shows it, in any case."""
    return folded(clean(name))


def line(proposal: Proposal, header: Sequence[str] | None = None) -> str:
    """What to add to ``people:`` if a proposal is right; empty where it names several persons.

    Entries of one name are one person, so it can be added whoever is there already.

    Args:
        proposal: it.
        header: the columns of the CSV file that the people are kept in; None: they are a list in YAML. Empty, too,
            where the file lacks a column for one of the trackers.
    """
    if len(proposal.could_be) != 1:
        return ""
    ids: dict[str, list[str]] = {}
    for account in (proposal.twin, proposal.account):
        if account is not None:
            ids.setdefault(account.tracker, []).append(account.id)
    if header is None:
        entry = {"name": proposal.could_be[0]} | {name: of[0] if len(of) == 1 else of for name, of in ids.items()}
        return f"- {_flow(entry, escaped=False)}"
    if not ids.keys() <= set(header):
        return ""
    row = io.StringIO()
    cells = {"name": proposal.could_be[0]} | {name: ";".join(of) for name, of in ids.items()}
    csv.DictWriter(row, header, lineterminator="").writerow(cells)
    return row.getvalue()


def _flow(entry: Mapping[str, object], *, escaped: bool) -> str:
    """One line of YAML, quoted where it must be, in which nothing commands a terminal or is replaced on its way."""
    text = yaml.safe_dump(
        dict(entry), default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=not escaped
    ).strip()
    return text if escaped or (text.isprintable() and not _MARKS.intersection(text)) else _flow(entry, escaped=True)


def people_record(roster: Roster, *, every_task: bool, header: Sequence[str] | None = None) -> dict[str, Any]:
    """What ``people --format json`` prints.

    Args:
        roster: whom.
        every_task: name each one's open tasks, not only how many there are.
        header: see ``line``.
    """

    def work(tasks: Iterable[Case]) -> dict[str, Any]:
        tasks = list(tasks)
        named = [[roster.keys.short(witness.item.key) for witness in case.witnesses] for case in tasks]
        return {"open": len(tasks)} | ({"tasks": named} if every_task else {})

    return {
        "read": {name: None if at is None else at.isoformat() for name, at in roster.read.items()},
        "people": len(roster.known),
        "accounts": {
            "matched": roster.matched,
            "proposed": len(roster.possible),
            "unmapped": len(roster.strangers),
        },
        "matched": [
            {
                "person": one.person.name,
                "email": one.person.email,
                "roles": list(one.person.roles),
                **work(one.tasks),
                "accounts": [
                    _account(match.account)
                    | {"seen": match.seen, "reason": match.reason, "confidence": match.confidence.value}
                    for match in one.matches
                ],
            }
            for one in roster.known
        ],
        "proposed": [
            _account(one.proposal.account)
            | {
                "could_be": list(one.proposal.could_be),
                "twin": None if one.proposal.twin is None else _account(one.proposal.twin),
                "reason": one.proposal.reason,
                "confidence": one.proposal.confidence.value,
                **work(one.tasks),
                "line": line(one.proposal, header),
            }
            for one in roster.possible
        ],
        "unmapped": [_account(one.account) | work(one.tasks) for one in roster.strangers],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "tracker": account.tracker,
        "account": account.id,
        "name": account.name,
        "active": account.active,
        "human": account.human,
    }
