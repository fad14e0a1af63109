"""What `init` proposes, as a table for each tracker: a value, its stage, how many issues show it, and why."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trackersync.core.examine.coverage import Coverage
from trackersync.core.process import Process
from trackersync.core.propose import Line
from trackersync.report.names import clean, count, cut
from trackersync.report.proposal import Proposed, legible, listed, places, silent
from trackersync.report.text.folded import hanging
from trackersync.report.text.screen import Screen

SHOWN = 12
"""So many values that say nothing are named."""
GUESSES = 10
"""So many guesses are told of with all that speaks for them."""
NONE = "none"
LONGEST = 40
"""Letters of a value, where it is one of many on a line."""


def proposal_screen(screen: Screen, proposed: Proposed, process: Process, first: int = 1) -> int:
    """Draw one tracker's proposal.

    Args:
        screen: where.
        proposed: what is proposed.
        process: whose stages.
        first: the number of the first line.

    Returns:
        The number after the last line.
    """
    lines = listed(proposed.proposal, process)
    _head(screen, proposed)
    if lines:
        screen.blank()
        _table(screen, lines, first)
        _guesses(screen, lines, first)
    screen.blank()
    hanging(screen, "  ", covers(proposed.coverage))
    _silent(screen, silent(proposed.proposal))
    for remark in proposed.remarks:
        hanging(screen, "  ", clean(remark))
    return first + len(lines)


def covers(coverage: Coverage) -> str:
    """How many open issues the proposal tells a stage of, and what the others say."""
    if not coverage.open:
        return "no issue is open"
    parts = [f"covers {coverage.stated:,} of {count(coverage.open, 'open issue')}"]
    if coverage.assumed:
        are = "is" if coverage.assumed == 1 else "are"
        parts.append(f"{coverage.assumed:,} with {coverage.blank} {are} taken for {coverage.first}")
    if coverage.clashing:
        show = "shows" if len(coverage.clashing) == 1 else "show"
        parts.append(f"{len(coverage.clashing):,} {show} two stages: {_some(coverage.clashing, 3)}")
    parts += [
        f'"{legible(one.value)}" belongs to no stage: {count(len(one.keys), "issue")}' for one in coverage.unplaced
    ]
    return "; ".join(parts)


def _head(screen: Screen, proposed: Proposed) -> None:
    who = f"   as {clean(proposed.account)}" if proposed.account else ""
    issues = f"{count(proposed.items, 'issue')}, {proposed.coverage.open:,} open"
    screen.say((f"{proposed.tracker}   {_some(proposed.containers, 3)}   {issues}{who}", "bold"))


def _table(screen: Screen, lines: Sequence[Line], first: int) -> None:
    """The lines of each place under its name, aligned over all of them."""
    opened = max(len("open"), *(len(f"{line.open:,}") for line in lines))
    ever = max(len("all"), *(len(f"{line.all:,}") for line in lines))
    last, place = len(str(first + len(lines) - 1)), ""
    # Below the arrow stands nothing, however wide it is.
    blank = " " * screen.cell("→ ").cell_len
    rows: list[Sequence[str | tuple[str, str]]] = []
    for number, line in enumerate(lines, first):
        if line.place != place:
            place = line.place
            heads = ("", place, f"{blank}stage", f"{'open':>{opened}}", f"{'all':>{ever}}", "because")
            rows.append([(head, "dim") for head in heads])
        rows.append(
            [
                (f"{' ' if line.sure else '!'} {number:>{last}}", "" if line.sure else "yellow"),
                legible(line.value),
                f"→ {line.stage or NONE}",
                f"{line.open:>{opened},}",
                f"{line.all:>{ever},}",
                (clean(line.because) if line.sure else "a guess", "dim"),
            ]
        )
    screen.table(rows, shrink=(1, 5))


def _guesses(screen: Screen, lines: Sequence[Line], first: int) -> None:
    """What speaks for each guess, whole, and what else it could be."""
    numbered = [(number, line) for number, line in enumerate(lines, first) if not line.sure]
    if numbered:
        screen.blank()
    for number, line in numbered[:GUESSES]:
        others = f"; or {', '.join(line.others)}" if line.others else ""
        said = f"{legible(line.value)} → {line.stage or NONE}, a guess: {clean(line.because)}{others}"
        hanging(screen, Text(f"  ! {number}   ", "yellow"), said)
    if len(numbered) > GUESSES:
        screen.say(f"  {len(numbered) - GUESSES:,} more guesses are marked with ! above")


def _silent(screen: Screen, lines: Sequence[Line]) -> None:
    if not lines:
        return
    named = [cut(legible(line.value), LONGEST) for line in lines]
    screen.say(f"  {' and '.join(places(lines))} that say nothing of a stage: {_some(named, SHOWN)}")


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
