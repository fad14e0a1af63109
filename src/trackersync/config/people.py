"""The people of a configuration as core's persons, whether they stand in its list or in a CSV file.

Entries of one name are one person: a table of accounts has a row an account, and a human may have several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os.path import normpath
from pathlib import Path as File
from types import MappingProxyType

from pydantic import RootModel, ValidationError

from trackersync.config.faults import Fault, Path
from trackersync.config.including import named
from trackersync.config.origin import Beside, Origin, text_of
from trackersync.config.settings import PeopleFile, PersonEntry
from trackersync.config.table import read_table
from trackersync.config.wording import Shown, faults_of
from trackersync.core.likeness import mail_of
from trackersync.core.model import Person
from trackersync.core.nearest import did_you_mean, nearest
from trackersync.core.process import Process
from trackersync.errors import ConfigError, Problem

OWN = ("name", "email", "roles")
"""The keys of a person that are no tracker's name."""


class _Roster(RootModel[list[PersonEntry]]):
    """The people of a CSV file."""


def people_of(
    written: Sequence[PersonEntry] | PeopleFile,
    trackers: tuple[str, ...],
    process: Process | None,
    *,
    origin: Origin,
    beside: Beside,
    root: File,
) -> tuple[tuple[Person, ...], list[Fault], tuple[Problem, ...]]:
    """The persons of a configuration, what is wrong with its list, and what with the file it names.

    Args:
        written: the list, or the file.
        trackers: the trackers' names.
        process: whose roles there are; None where it could not be read.
        origin: where things stand, and what may be quoted of them.
        beside: from where a path is written to what it is relative to.
        root: what files' names are shown relative to.
    """
    if not isinstance(written, PeopleFile):
        return *persons(written, ("people",), trackers, process, origin.shown), ()
    spot: Path = ("people", "file")
    file = File(normpath(beside(spot) / written.file))
    try:
        text = text_of(file, origin.shown(spot), "the file of people")
    except ConfigError as error:
        return (), [Fault(spot, str(error), error.next_step)], ()
    table = Origin(read_table(text, named(file, root), trackers))
    rows, faults = table.document.value, list(table.document.faults)
    people: tuple[Person, ...] = ()
    if rows is not None:
        try:
            people, wrong = persons(_Roster.model_validate(rows).root, (), trackers, process, table.shown)
        except ValidationError as error:
            wrong = faults_of(error, _Roster, (), rows, table.shown)
        faults += wrong
    return people, [], table.problems(faults)


def persons(
    entries: Sequence[PersonEntry], base: Path, trackers: Iterable[str], process: Process | None, shown: Shown
) -> tuple[tuple[Person, ...], list[Fault]]:
    """The persons in the order written, and what is wrong with them.

    Args:
        entries: the persons as written.
        base: where their list stands in its document.
        trackers: the trackers' names, which an account may be of.
        process: whose roles there are; None where it could not be read.
        shown: what may be quoted of a scalar.
    """
    known = tuple(trackers)
    roles = {role.casefold(): role for stage in (process.stages if process else ()) for role in stage.roles}
    faults: list[Fault] = []
    for place, entry in enumerate(entries):
        faults += _keys(entry, (*base, place), known)
        faults += _roles(entry, (*base, place), process.name if process else "", roles, shown)
    faults += _claims(entries, base, shown)
    faults += _addresses(entries, base, shown)
    same: dict[str, list[PersonEntry]] = {}
    for entry in entries:
        same.setdefault(entry.name.casefold(), []).append(entry)
    return tuple(_person(some, roles) for some in same.values()), faults


def _keys(entry: PersonEntry, path: Path, trackers: tuple[str, ...]) -> Iterator[Fault]:
    for key in entry.accounts:
        if key not in trackers:
            yield Fault(
                (*path, key),
                f'"{key}" is neither a tracker nor one of name, email, roles',
                did_you_mean(key, [*trackers, *OWN]),
                "key",
            )
    if entry.email is not None and "@" not in entry.email:
        yield Fault((*path, "email"), "this is no e-mail address", "write NAME@HOST, or remove the key")


def _roles(entry: PersonEntry, path: Path, process: str, roles: Mapping[str, str], shown: Shown) -> Iterator[Fault]:
    """Roles that are nearly one of the process's: a slip. Any other is fine, since people have other work too."""
    for place, role in enumerate(entry.roles):
        meant = None if role.casefold() in roles else nearest(role, roles.values(), alike=80)
        if meant is not None:
            spot = (*path, "roles", place)
            message = f'no stage of `{process}` has the role "{_quoted(spot, shown)}"'
            yield Fault(spot, message, f'did you mean "{meant}"?')


def _claims(entries: Sequence[PersonEntry], base: Path, shown: Shown) -> Iterator[Fault]:
    """Addresses and accounts that two persons claim; said of the second, naming both."""
    taken: dict[tuple[str, str], int] = {}
    for place, entry in enumerate(entries):
        for kind, value, spot in _identities(entry):
            path = (*base, place, *spot)
            first = taken.setdefault((kind, value.casefold()), place)
            if entries[first].name.casefold() != entry.name.casefold():
                names = [_quoted((*base, one, "name"), shown) for one in (first, place)]
                message = f'{kind} "{_quoted(path, shown)}" is claimed by {names[0]} and by {names[1]}'
                yield Fault(path, message, "leave it with one of them")


def _addresses(entries: Sequence[PersonEntry], base: Path, shown: Shown) -> Iterator[Fault]:
    """Second addresses of one person: which of the two accounts are matched by would be a guess."""
    first: dict[str, int] = {}
    for place, entry in enumerate(entries):
        if entry.email:
            known = first.setdefault(entry.name.casefold(), place)
            if mail_of(entries[known].email) != mail_of(entry.email):
                path = (*base, place, "email")
                message = f'{entry.name} has the e-mail "{_quoted((*base, known, "email"), shown)}" already'
                yield Fault(path, message, "keep one of them; accounts need none")


def _identities(entry: PersonEntry) -> Iterator[tuple[str, str, Path]]:
    """What only one person can be: kind, value, and where it stands below the person."""
    if entry.email:
        yield "e-mail", entry.email, ("email",)
    for tracker, accounts in entry.accounts.items():
        for place, account in enumerate(accounts):
            yield f"{tracker} account", account, (tracker, place)


def _quoted(path: Path, shown: Shown) -> str:
    """What stands at a path, or, where a single word stands for a list of one, just above it."""
    written = shown(path)
    return shown(path[:-1]) if written == "…" and isinstance(path[-1], int) else written


def _person(entries: Sequence[PersonEntry], roles: Mapping[str, str]) -> Person:
    """One person of all the entries that bear the name."""
    accounts: dict[str, dict[str, None]] = {}
    for entry in entries:
        for tracker, ids in entry.accounts.items():
            accounts.setdefault(tracker, {}).update(dict.fromkeys(ids))
    email = next((mail_of(entry.email) for entry in entries if entry.email), None)
    spelled = tuple(dict.fromkeys(roles.get(role.casefold(), role) for entry in entries for role in entry.roles))
    held = MappingProxyType({tracker: tuple(ids) for tracker, ids in accounts.items() if ids})
    return Person(entries[0].name, held, email, spelled)
