"""``trackersync people``: who is matched, who could be whom, and who is nobody, each with their open work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from trackersync.core.diagnose import Case
from trackersync.core.identity import Match
from trackersync.core.likeness import Confidence
from trackersync.core.model import Account, Severity
from trackersync.report.names import ago, clean, count, cut
from trackersync.report.people import Entry, Known, Possible, Roster, Stranger, line
from trackersync.report.text.screen import GOOD, MARKS, Screen

MOST = 10
"""Lines a group on a screen, unless all are asked for."""
LONG = 24
"""A person's name is cut beyond this, and does not give way to other columns before."""
ABREAST = 3
"""So many trackers have a column each; of more, a person's accounts share one."""

_WARNING, _NOTE = MARKS[Severity.WARNING], MARKS[Severity.NOTE]

Cell = str | Text | tuple[str, str]


def people_screen(screen: Screen, roster: Roster, now: datetime, *, every: bool = False) -> None:
    """Draw everybody.

    Args:
        screen: where to.
        roster: whom.
        now: the moment, from which the age of the store's picture is told.
        every: show every line, not the first ten of a group.
    """
    _read(screen, roster, now)
    if roster.empty:
        return
    screen.blank()
    screen.phrases(
        _people(len(roster.known)),
        f"{count(roster.matched, 'account')} matched",
        f"{len(roster.possible):,} proposed",
        f"{len(roster.strangers):,} unmapped",
        style="bold",
    )
    _known(screen, roster, every=every)
    _possible(screen, roster.possible, every=every)
    _strangers(screen, roster.strangers, every=every, solitary=len(roster.read) == 1)


def one_screen(screen: Screen, roster: Roster, now: datetime) -> None:
    """Draw those whom a name names, in full: their accounts, how they are known, and their open tasks.

    Args:
        screen: where to.
        roster: whom.
        now: the moment, from which the age of the store's picture is told.
    """
    _read(screen, roster, now)
    entries: list[Entry] = [*roster.known, *roster.possible, *roster.strangers]
    for one in entries:
        screen.blank()
        told = [", ".join(one.person.roles), one.person.email or ""] if isinstance(one, Known) else []
        parts = (one.name, *filter(None, told), count(len(one.tasks), "open task"))
        screen.phrases(*map(clean, parts), style="bold")
        _accounts(screen, one)
        if one.tasks:
            screen.blank()
            screen.table([_task(roster, case) for case in one.tasks], shrink=(2,))


def lines(screen: Screen, roster: Roster, file: str, header: Sequence[str] | None, *, every: bool = False) -> None:
    """What to add to the configuration, as far as the proposals shown are right.

    Args:
        screen: where to.
        roster: whom.
        file: where people are configured, as it is called.
        header: the columns of that file where it is a table, see ``line``.
        every: all proposals are shown, not the first ten.
    """
    shown = roster.possible if every else roster.possible[:MOST]
    added = [text for one in shown if (text := line(one.proposal, header))]
    if not added:
        return
    screen.blank()
    screen.say(f"If it is so, add to {file}:")
    if header is None:
        screen.say("people:")
    for text in added:
        screen.say(text if header is not None else f"  {text}")


def _read(screen: Screen, roster: Roster, now: datetime) -> None:
    if roster.empty:
        screen.say(f"from the store: nothing, no tracker has been read yet. {_people(len(roster.known))} configured.")
        return
    ages = (
        f"{name} {ago(now - at)} old" if at is not None else f"{name} not read to its end"
        for name, at in roster.read.items()
    )
    screen.say(f"from the store: {', '.join(ages)}")


def _known(screen: Screen, roster: Roster, *, every: bool) -> None:
    trackers = tuple(roster.read)
    heads = trackers if len(trackers) <= ABREAST else ("accounts",)
    rows: list[tuple[Cell, ...]] = []
    for one in roster.known if every else roster.known[:MOST]:
        names = {name: _called(one.matches, name) for name in trackers}
        cells = (
            tuple(" + ".join(names[name]) or "·" for name in trackers)
            if len(trackers) <= ABREAST
            else (", ".join(f"{name} {' + '.join(of)}" for name, of in names.items() if of) or "·",)
        )
        roles = clean(", ".join(one.person.roles)) or "·"
        rows.append(
            (_marked(GOOD, cut(clean(one.name), LONG)), _open(len(one.tasks)), *cells, roles, (_reason(one), "dim"))
        )
    columns = ("open", *heads, "roles", "reason")
    _group(screen, "matched", len(roster.known), columns, rows, shrink=range(2, len(columns) + 1))


def _reason(one: Known) -> str:
    """How a person's accounts are known: what is less than certain, or that all of it is configured."""
    found = sorted(one.matches, key=lambda match: match.confidence is Confidence.CERTAIN)
    return clean(found[0].reason) if found else "no account"


def _called(matches: Iterable[Match], tracker: str) -> list[str]:
    """What a person's accounts in a tracker are called there."""
    return [
        clean(match.account.name) + ("" if match.seen else " (not seen)") + _rest(match.account)
        for match in matches
        if match.account.tracker == tracker
    ]


def _rest(account: Account) -> str:
    return f" ({note})" if (note := _note(account)) else ""


def _note(account: Account) -> str:
    """What keeps an account from being somebody's who works."""
    return "app" if account.human is False else "inactive" if account.active is False else ""


def _possible(screen: Screen, possible: Sequence[Possible], *, every: bool) -> None:
    rows: list[tuple[Cell, ...]] = []
    for one in possible if every else possible[:MOST]:
        found = one.proposal
        account = clean(found.account.name) + _rest(found.account)
        who, how = clean(" or ".join(found.could_be)), f"{found.confidence.value}: {clean(found.reason)}"
        rows.append((_marked(_WARNING, found.account.tracker), account, _open(len(one.tasks)), who, (how, "dim")))
    _group(screen, "proposed", len(possible), ("", "open", "could be", "reason"), rows, shrink=(1, 3, 4))


def _strangers(screen: Screen, strangers: Sequence[Stranger], *, every: bool, solitary: bool) -> None:
    """Nobody's accounts: where there is one tracker nothing is lost by that, since they are moved nowhere."""
    rows: list[tuple[Cell, ...]] = []
    for one in strangers if every else strangers[:MOST]:
        mark = _WARNING if one.tasks and one.account.human is not False and not solitary else _NOTE
        rows.append((_marked(mark, one.account.tracker), _full(one.account), _open(len(one.tasks))))
    _group(screen, "unmapped", len(strangers), ("", "open"), rows, shrink=(1,))


def _full(account: Account) -> str:
    """An account by its name and, where that is another word, its id."""
    return clean(account.name if account.name == account.id else f"{account.name} ({account.id})") + _rest(account)


def _group(
    screen: Screen,
    name: str,
    number: int,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    shrink: Sequence[int],
) -> None:
    """One of the three kinds: its name heads the first column."""
    if not rows:
        return
    screen.blank()
    title = Text(f"{name} · {number:,}", style="bold")
    screen.table([(title, *heads), *rows], shrink=shrink, indent=0)
    if number > len(rows):
        screen.say(f"  … {number - len(rows):,} more: --all, or --format json")


def _accounts(screen: Screen, one: Entry) -> None:
    """A line for each account: its mark, where it is, what it is called there, and how it is known."""
    lines: list[tuple[tuple[str, str], str, str, str]] = []
    if isinstance(one, Known):
        for match in one.matches:
            account = _full(match.account) + ("" if match.seen else " (not seen)")
            lines.append((GOOD, match.account.tracker, account, f"{match.confidence.value}: {match.reason}"))
    elif isinstance(one, Possible):
        found = one.proposal
        beside = f", who is {_full(found.twin)} in {found.twin.tracker}" if found.twin is not None else ""
        could_be = f"could be {' or '.join(found.could_be)}{beside}; {found.confidence.value}: {found.reason}"
        lines.append((_WARNING, found.account.tracker, _full(found.account), could_be))
    else:
        lines.append((_WARNING, one.account.tracker, _full(one.account), "nobody's"))
    trackers, accounts = (max((len(line_[place]) for line_ in lines), default=0) for place in (1, 2))
    for mark, tracker, account, how in lines:
        screen.say("  ", mark, f" {tracker:{trackers}}   {account:{accounts}}   ", (clean(how), "dim"))


def _task(roster: Roster, case: Case) -> tuple[Cell, ...]:
    keys = roster.keys.task(witness.item.key for witness in case.witnesses)
    return keys, case.stage.key if case.stage else "?", clean(case.witnesses[0].item.title)


def _marked(mark: tuple[str, str], name: str) -> Text:
    return Text("  ").append(*mark).append(f" {clean(name)}")


def _open(number: int) -> str:
    return f"{number:>4,}" if number else "   ·"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
