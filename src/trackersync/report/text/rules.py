"""``trackersync rules``: all rules with how severe they are here; or one, with why, how to set it and silence it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rich.text import Text

from trackersync.core.model import Severity
from trackersync.report.names import clean, count
from trackersync.report.rules import ABOUT, OFF, Entry, sample, silencing
from trackersync.report.text.folded import folded, hanging
from trackersync.report.text.screen import GAP, MARKS, Screen

STYLES: Mapping[str, str] = {severity.value: style for severity, (_, style) in MARKS.items()} | {OFF: "dim"}
NARROWEST = 24
"""A sentence has at least so many columns, however long the names beside it are."""
HEAD = 11
"""The width of the words before a rule's paragraphs."""


def rules_screen(screen: Screen, entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Draw some rules, family by family.

    Args:
        screen: where to.
        entries: the rules, those of one family side by side.

    Returns:
        The next commands, each with what it does.
    """
    off = sum(one.level == OFF for one in entries)
    blind = sum(one.blind and one.level != OFF for one in entries)
    screen.phrases(
        count(len(entries), "rule"),
        *([f"{off:,} off"] if off else []),
        *([f"{blind:,} see{'s' if blind == 1 else ''} nothing here"] if blind else []),
        style="bold",
    )
    wide = max((len(one.rule.name) for one in entries), default=0)
    level = max(len(severity.value) for severity in Severity)
    room = max(NARROWEST, screen.width - 2 - wide - level - 2 * GAP)
    for family in dict.fromkeys(one.rule.family for one in entries):
        screen.blank()
        screen.say((clean(family), "bold"))
        rows: list[tuple[str | Text | tuple[str, str], ...]] = []
        for one in (one for one in entries if one.rule.family == family):
            told: list[str | tuple[str, str]] = [*folded(clean(one.rule.summary), room)]
            for more in _notes(one):
                told += [(part, "dim") for part in folded(clean(more), room)]
            first, *others = told or [""]
            rows.append((f"{one.rule.name:{wide}}", (f"{one.level:{level}}", STYLES[one.level]), first))
            rows += [("", "", other) for other in others]
        screen.table(rows, shrink=(2,))
    first_on = next((one for one in entries if one.level != OFF), None)
    if first_on is None:
        return []
    return [(f"trackersync rules {first_on.rule.name}", "why it matters, its settings, how to silence it")]


def _notes(entry: Entry) -> list[str]:
    notes = [f"configured: {entry.configured}"] if entry.configured else []
    if entry.rule.off and entry.level == OFF:
        notes.append("off until it is asked for by name")
    if entry.blind:
        notes.append(f"sees nothing: no tracker has {entry.rule.needs}")
    if entry.rule.package:
        notes.append(f"comes with {entry.rule.package}")
    return notes


def rule_screen(screen: Screen, entry: Entry, key: str, until: date) -> list[tuple[str, str]]:
    """Draw one rule in full.

    Args:
        screen: where to.
        entry: the rule.
        key: of a task, to show how it is silenced there.
        until: until when.

    Returns:
        The next commands, each with what it does.
    """
    rule = entry.rule
    of = ABOUT[rule.about] + (", counted together" if rule.tally else "")
    screen.phrases(rule.name, clean(rule.family), entry.level, style="bold")
    screen.blank()
    screen.say(clean(rule.summary))
    screen.blank()
    _paragraph(screen, "why", rule.why)
    _paragraph(screen, "fix", rule.fix)
    _paragraph(screen, "looks at", f"{of}; counts under `{rule.place}`")
    if rule.needs:
        _paragraph(screen, "needs", f"{rule.needs}{'; no tracker has it, so it sees nothing' if entry.blind else ''}")
    _paragraph(screen, "holds", "; ".join(filter(None, (entry.level, entry.configured))))
    if rule.package:
        _paragraph(screen, "comes with", rule.package)
    _options(screen, entry)
    _lines(screen, "Set it in trackersync.yaml:", sample(entry))
    if rule.tally is None:
        _lines(screen, "Silence it for a task, with a reason and an end:", silencing(rule, key, until.isoformat()))
    else:
        _lines(screen, "It counts tasks together; turn it off where it should not:", silencing(rule, key, ""))
    return [(f"trackersync check --select {rule.name}", "what it finds now"), ("trackersync rules", "all rules")]


def _options(screen: Screen, entry: Entry) -> None:
    if not entry.options:
        return
    screen.blank()
    rows: list[tuple[str, ...]] = [("settings", "here", "default", "")]
    rows += [(f"  {one.name}", clean(one.value), clean(one.default), "") for one in entry.options]
    wide = [max(len(row[place]) for row in rows) for place in range(3)]
    room = max(NARROWEST, screen.width - sum(wide) - 3 * GAP)
    lines: list[tuple[str, ...]] = [rows[0]]
    for row, one in zip(rows[1:], entry.options, strict=True):
        first, *others = folded(clean(one.sentence), room)
        lines.append((*row[:3], first))
        lines += [("", "", "", other) for other in others]
    screen.table(lines, shrink=(1, 2, 3), indent=0)


def _paragraph(screen: Screen, word: str, text: str) -> None:
    hanging(screen, Text(f"{word:{HEAD}}", style="dim"), clean(text))


def _lines(screen: Screen, title: str, text: str) -> None:
    """Lines of a configuration, never folded: they are pasted."""
    screen.blank()
    screen.say(title)
    screen.blank()
    for line in text.splitlines():
        screen.console.print(Text(clean_line(line)), no_wrap=True, crop=False, overflow="ignore")


def clean_line(line: str) -> str:
    """A line of a configuration without control characters, indented as it is."""
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line)
