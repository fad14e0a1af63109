"""``trackersync doctor`` on one screen: a line for each check, its remedy below it, and the sum of them."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, tzinfo

from rich.text import Text

from trackersync import __version__
from trackersync.core.examination import Check, Examination, Grade, Section
from trackersync.core.model import Severity
from trackersync.report.names import clean, count
from trackersync.report.text.folded import hanging
from trackersync.report.text.screen import GOOD, MARKS, Screen
from trackersync.report.times import clock, day

TROUBLE = frozenset({Grade.WARNING, Grade.ERROR})
"""What ``--quiet`` leaves."""
NAME = 14
"""Columns of a check's name."""
WIDEST_NAME = 30
"""A longer name has its line to itself."""
_SECTION = 18
_MARKS: Mapping[Grade, tuple[str, str]] = {
    Grade.GOOD: GOOD,
    Grade.NOTE: MARKS[Severity.NOTE],
    Grade.WARNING: MARKS[Severity.WARNING],
    Grade.ERROR: MARKS[Severity.ERROR],
}


def doctor_screen(
    screen: Screen,
    examination: Examination,
    name: str,
    now: datetime,
    *,
    zone: tzinfo | None = None,
    grades: Collection[Grade] = frozenset(Grade),
) -> None:
    """Draw the whole screen.

    Args:
        screen: where.
        examination: what was examined.
        name: the configuration's file.
        now: the moment.
        zone: where the reader is; None: where this machine is.
        grades: the checks that are shown; the last line counts them all.
    """
    if Grade.GOOD in grades:
        here = now.astimezone(zone)
        at = f"{' '.join(day(now, now, zone).split())} {clock(now, zone)} {here.tzname()}"
        screen.say(", ".join((f"trackersync {__version__}", f"Python {platform.python_version()}", name, at)))
        screen.blank()
    sections_screen(screen, examination.sections, grades)
    screen.say((_sum(examination), "bold"))


def sections_screen(screen: Screen, sections: Iterable[Section], grades: Collection[Grade] = frozenset(Grade)) -> None:
    """Draw the checks of some sections, each under its title."""
    sections = tuple(sections)
    names = [len(check.name) for section in sections for check in section.checks if check.grade in grades]
    wide = max([NAME, *(length + 2 for length in names if length + 2 <= WIDEST_NAME)])
    for section in sections:
        shown = [check for check in section.checks if check.grade in grades]
        if not shown:
            continue
        title = f"{section.name:{_SECTION - 1}} {clean(section.about)}" if section.about else section.name
        screen.say((title, "bold"))
        for check in shown:
            _check(screen, check, wide)
        screen.blank()


def _check(screen: Screen, check: Check, wide: int) -> None:
    # The letters that stand for a mark on an old console are of different lengths.
    mark = screen.cell(_MARKS[check.grade])
    mark.pad_right((2 if screen.plain else 1) - mark.cell_len)
    name = clean(check.name)
    head = Text("  ").append_text(mark).append(f" {name:{wide}}")
    if len(name) >= wide:
        screen.say(head)
        head = Text(" " * (3 + mark.cell_len + wide))
    hanging(screen, head, clean(check.said))
    if check.remedy:
        indent = " " * (3 + mark.cell_len + wide)
        hanging(screen, f"{indent}→ ", clean(check.remedy))


def _sum(examination: Examination) -> str:
    numbers = {grade: examination.count(grade) for grade in Grade}
    said = [
        f"{numbers[Grade.GOOD]:,} good",
        *(_number(numbers[grade], grade.value) for grade in (Grade.WARNING, Grade.NOTE, Grade.ERROR)),
    ]
    return f"{count(len(examination.checks), 'check')}: {', '.join(said)}"


def _number(number: int, noun: str) -> str:
    return count(number, noun) if number else f"no {noun}s"
