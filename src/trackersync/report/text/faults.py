"""What is wrong, a small table a place of the verdict: one fault a line, with the columns that prove *that* fault.

Text from trackers is shown, never obeyed: whatever stands in a title, a label or a name goes through ``clean``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from trackersync.core.diagnose import Finding, Place, Seen
from trackersync.report.names import Keys, ago, clean
from trackersync.report.text.folded import folded
from trackersync.report.text.screen import GAP, MARKS, Screen

MOST = 10
"""Lines a place on a screen, unless all are asked for."""
NARROWEST = 36
"""Where less would be left for a sentence, the rule's name beside it goes."""
SHORTEST = 12
"""A title is not cut below this while there is anything else that can give way."""

Cell = str | Text | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the tables are drawn from, besides the findings.

    Attributes:
        keys: how items are called.
        trackers: the trackers, the one whose items stand first in a task's name first.
        now: the moment, from which ages are told.
        seen: by finding, when it was found first.
        new: findings that bear the mark ``new``.
        note: what is said beside the heading of ``no owner``.
        every: show every finding, not the first ten a place.
    """

    keys: Keys
    trackers: tuple[str, ...]
    now: datetime
    seen: Mapping[Finding, datetime]
    new: frozenset[Finding]
    note: str = ""
    every: bool = False

    def own(self, finding: Finding) -> list[Seen]:
        """A finding's items that belong to its task, always in one order."""
        order = {name: place for place, name in enumerate(self.trackers)}
        return sorted(finding.own, key=lambda seen: order.get(seen.tracker, len(order)))


def place_table(screen: Screen, place: Place, title: str, group: Sequence[Finding], ground: Ground) -> None:
    """Draw one place of the verdict.

    Args:
        screen: where to.
        place: which.
        title: its heading.
        group: its findings, worst first.
        ground: what else the columns need.
    """
    screen.blank()
    listed = group if ground.every else group[:MOST]
    _TABLES.get(place, _sentences)(screen, Text(title, style="bold"), listed, ground)
    if len(group) > len(listed):
        screen.say(f"  … {len(group) - len(listed):,} more: --all, or --format json")


def _no_owner(screen: Screen, title: Text, group: Sequence[Finding], ground: Ground) -> None:
    advised = any(one.could_be for one in group)
    rows: list[tuple[Cell, ...]] = [
        (
            _task(one, group, ground),
            one.stage or "?",
            clean(one.title),
            f"{ago(ground.now - min(one.touched, ground.seen.get(one, one.touched))):>5}",
            *((_could_be(one),) if advised else ()),
        )
        for one in group
    ]
    if ground.note:
        screen.say(title, f"    {ground.note}")
    else:
        rows = [(title, "", "", f"{'for':>5}", *(("could be",) if advised else ())), *rows]
    wide = [max(screen.cell(row[place]).cell_len for row in rows) for place in range(len(rows[0]))]
    # Titles give way first; advice only where nothing would be left of them.
    left = screen.width - sum(wide) + wide[2] - GAP * (len(wide) - 1)
    screen.table(rows, shrink=(2,) if left >= SHORTEST else (2, len(wide) - 1), indent=0)


def _could_be(finding: Finding) -> str:
    """The likeliest owner, and what speaks for it; the others JSON has."""
    return next((clean(f"{one.person}, {one.because}") for one in finding.could_be), "·")


def _owners(screen: Screen, title: Text, group: Sequence[Finding], ground: Ground) -> None:
    if len(ground.trackers) == 1:
        alone: list[tuple[Cell, ...]] = [
            (_task(one, group, ground), one.stage or "?", _holders(one.items[:1]), (one.rule, "dim")) for one in group
        ]
        screen.table([(title, "", "owners", ""), *alone], shrink=(2,), spare=True, indent=0)
        return
    trackers = _shown(group, ground)
    rows: list[tuple[Cell, ...]] = []
    for one in group:
        says = {seen.tracker: _holders([seen]) for seen in reversed(ground.own(one))}
        cells = (says.get(tracker, "·") for tracker in trackers)
        rows.append((_task(one, group, ground), one.stage or "?", *cells, (one.rule, "dim")))
    shrink = range(2, 2 + len(trackers))
    screen.table([(title, "", *trackers, "rule"), *rows], shrink=shrink, spare=True, indent=0)


def _holders(items: Sequence[Seen]) -> str:
    return clean(" + ".join(owner for seen in items for owner in seen.owners)) or "nobody"


def _drift(screen: Screen, title: Text, group: Sequence[Finding], ground: Ground) -> None:
    """Trackers side by side; below it what no comparison proves, in a sentence."""
    beside = [one for one in group if len(ground.trackers) > 1 and _compared(ground.own(one))]
    if beside:
        trackers = _shown(beside, ground)
        rows: list[tuple[Cell, ...]] = []
        for one in beside:
            says = {seen.tracker: _where(seen) for seen in reversed(ground.own(one))}
            cells = (says.get(tracker, "·") for tracker in trackers)
            rows.append((_task(one, group, ground), *cells, (one.rule, "dim")))
        shrink = range(1, 1 + len(trackers))
        screen.table([(title, *trackers, "rule"), *rows], shrink=shrink, spare=True, indent=0)
    told = [one for one in group if one not in beside]
    if told:
        _sentences(screen, None if beside else title, told, ground, group)


def _compared(items: Sequence[Seen]) -> bool:
    """Whether it shows by the stages alone what is wrong: they differ, or one is none or several."""
    stages = {seen.stage for seen in items}
    return len(stages) > 1 or any(stage is None or " + " in stage for stage in stages)


def _where(seen: Seen) -> str:
    """``build (In Progress)``; of several stages their number is enough, and they stand before it."""
    several = (seen.stage or "").count(" + ") + 1
    return f"{seen.stage or '?'} ({f'{several} labels' if several > 1 else clean(seen.says)})"


def _sentences(
    screen: Screen,
    title: Text | None,
    listed: Sequence[Finding],
    ground: Ground,
    group: Sequence[Finding] | None = None,
) -> None:
    """What is wrong in words, which fold where they are too long."""
    first = [_task(one, group or listed, ground) for one in listed]
    wide = max(cell.cell_len for cell in first)
    name = max(len(one.rule) for one in listed)
    room = screen.width - wide - name - 2 * GAP
    named = room >= min(NARROWEST, max(cell_len(clean(one.table)) for one in listed))
    room = room if named else screen.width - wide - GAP
    rows: list[tuple[Cell, ...]] = []
    for cell, one in zip(first, listed, strict=True):
        told = folded(clean(one.table), max(room, SHORTEST))
        rows.append((cell, told[0], *(((one.rule, "dim"),) if named else ())))
        rows += [("", more, *(("",) if named else ())) for more in told[1:]]
    if title is not None:
        screen.say(title)
    screen.table(rows, shrink=(1,), indent=0)


def _task(finding: Finding, group: Sequence[Finding], ground: Ground) -> Text:
    """The mark, and what it is about: a task by its keys, a total by its name."""
    cell = Text("  ").append(*MARKS[finding.severity])
    if not ground.new.isdisjoint(group):
        cell.append(" new" if finding in ground.new else "    ", "bold")
    cell.append(" ")
    if finding.subject:
        return cell.append(clean(finding.subject))
    own, beside = ground.own(finding), finding.others
    pair = finding.place == "duplicate task" and bool(beside)
    for number, seen in enumerate([own[0], beside[0]] if pair else own):
        cell.append((" ~ " if pair else " = ") if number else "")
        cell.append(clean(ground.keys.short(seen.key)), _link(seen.url))
    return cell


def _link(url: str) -> Style | str:
    """A link to the item where the terminal can; nothing that could be read as a command."""
    good = url.startswith(("https://", "http://")) and url.isascii() and url.isprintable() and " " not in url
    return Style(link=url) if good else ""


def _shown(group: Sequence[Finding], ground: Ground) -> tuple[str, ...]:
    """The trackers that these findings have an item in."""
    there = {seen.tracker for one in group for seen in ground.own(one)}
    return tuple(tracker for tracker in ground.trackers if tracker in there)


_TABLES: Mapping[str, Callable[[Screen, Text, Sequence[Finding], Ground], None]] = {
    "no owner": _no_owner,
    "duplicate owner": _owners,
    "stage drift": _drift,
}
