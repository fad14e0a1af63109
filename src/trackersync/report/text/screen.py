"""A screen of text: marks, columns and widths, the same on a terminal, in a pipe and on an old console.

Colour repeats a mark and never says anything alone. ``NO_COLOR``, pipes and consoles that cannot show them get
``x ! - ok`` and ``->``. Nothing is wider than 100 columns; titles shrink first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import IO, Literal

from rich.cells import cell_len
from rich.console import Console, RenderableType, detect_legacy_windows
from rich.text import Text

from trackersync.core.masking import masked_addresses
from trackersync.core.model import Severity

WIDEST = 100
GAP = 3
"""Blanks between two columns."""
LEAST = 8
"""A column never shrinks below this."""
_PLAIN = str.maketrans({"✗": "x", "✓": "ok", "·": "-", "→": "->", "…": "..."})
MARKS: Mapping[Severity, tuple[str, str]] = {
    Severity.ERROR: ("✗", "red"),
    Severity.WARNING: ("!", "yellow"),
    Severity.NOTE: ("·", "dim"),
}
GOOD = ("✓", "green")


class Screen:
    """Where a report is drawn. Make one with ``on`` for a stream, or ``into`` for text."""

    def __init__(self, console: Console, *, plain: bool) -> None:
        """Draw on a console; ``plain`` replaces the marks by letters every console has."""
        self.console = console
        self.plain = plain

    @classmethod
    def on(cls, stream: IO[str]) -> Screen:
        """A screen for a stream: colours and marks where it is a terminal that can show them."""
        console = Console(file=stream, highlight=False, soft_wrap=False, legacy_windows=False)
        terminal = console.is_terminal
        width = min(console.width, WIDEST) if terminal else WIDEST
        utf = (console.encoding or "").lower().startswith("utf")
        # A console that takes no escape codes would print them.
        old = terminal and (console.is_dumb_terminal or detect_legacy_windows())
        system: Literal["auto"] | None = None if old else "auto"
        console = Console(file=stream, highlight=False, width=width, legacy_windows=False, color_system=system)
        return cls(console, plain=not terminal or console.no_color or not utf or old)

    @classmethod
    def into(cls, width: int = WIDEST, *, plain: bool = False) -> tuple[Screen, StringIO]:
        """A screen that draws into memory, for tests and files."""
        stream = StringIO()
        return cls(Console(file=stream, width=width, highlight=False, color_system=None), plain=plain), stream

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.console.width

    def say(self, *parts: str | Text | tuple[str, str]) -> None:
        """One line, of parts that may carry a style. Long lines fold at words, indented as they begin."""
        line = Text()
        for part in parts:
            line.append_text(self.cell(part))
        text = line.plain
        indent = len(text) - len(text.lstrip())
        if line.cell_len <= self.width:
            self.console.print(line, no_wrap=True, overflow="ignore", crop=False)
            return
        body = line[indent:]
        hanging = indent + 2
        for number, folded in enumerate(body.wrap(self.console, self.width - hanging)):
            folded.rstrip()
            self.console.print(Text(" " * (indent if number == 0 else hanging)) + folded, no_wrap=True, crop=False)

    def draw(self, drawing: RenderableType) -> None:
        """Something that rich draws, its marks replaced where the console cannot show them."""
        for segments in self.console.render_lines(drawing, pad=False):
            line = Text()
            for segment in segments:
                line.append_text(self.cell(Text(segment.text, style=segment.style or "")))
            line.rstrip()
            self.console.print(line, no_wrap=True, overflow="ignore", crop=False)

    def blank(self) -> None:
        """An empty line."""
        self.console.print()

    def phrases(self, *parts: str, style: str = "") -> None:
        """Phrases side by side; where they are too long, closer together, or else folded between them."""
        for gap in range(4, 1, -1):
            line = (" " * gap).join(parts)
            if cell_len(line) <= self.width:
                self.say((line, style))
                return
        lines = [parts[0]]
        for part in parts[1:]:
            joined = f"{lines[-1]}    {part}"
            lines = [*lines[:-1], joined] if cell_len(joined) <= self.width else [*lines, f"{' ' * GAP}{part}"]
        for line in lines:
            self.say((line, style))

    def table(
        self,
        rows: Iterable[Sequence[str | Text | tuple[str, str]]],
        *,
        shrink: Sequence[int] = (),
        spare: bool = False,
        indent: int = 2,
    ) -> None:
        """Rows in aligned columns.

        Where it is narrow, the last column goes if ``spare``; then the widest of the columns ``shrink`` gives way, and
        then the blanks between them. What is too wide even so is no table any more: each row folds between its cells.
        """
        cells = [[self.cell(part) for part in row] for row in rows]
        if not cells:
            return
        widths = [max(row[place].cell_len for row in cells) for place in range(len(cells[0]))]
        over = indent + sum(widths) + GAP * (len(widths) - 1) - self.width
        if spare and over > 0:
            over -= widths.pop() + GAP
            cells = [row[:-1] for row in cells]
        for _ in range(over if shrink else 0):
            widest = max(shrink, key=widths.__getitem__)
            widths[widest] = max(LEAST, widths[widest] - 1)
        gap = next((gap for gap in (GAP, GAP - 1) if indent + sum(widths) + gap * (len(widths) - 1) <= self.width), 0)
        if not gap:
            for row in cells:
                self._folded(row, indent)
            return
        for row in cells:
            line = Text(" " * indent)
            for width, cell in zip(widths, row, strict=True):
                self._fit(cell, width)
                line.append_text(cell)
                line.append(" " * gap)
            line.rstrip()
            self.console.print(line, no_wrap=True, crop=False, overflow="ignore")

    def _folded(self, row: Sequence[Text], indent: int) -> None:
        """A row that is too wide for a table: whole, as many cells on a line as fit."""
        begin = indent + len(row[0].plain) - len(row[0].plain.lstrip())
        line, empty = Text(" " * begin), True
        for cell in row:
            cell.rstrip()
            part = cell[len(cell.plain) - len(cell.plain.lstrip()) :]
            if not part.plain:
                continue
            if not empty and line.cell_len + GAP + part.cell_len > self.width:
                self.say(line)
                line, empty = Text(" " * (begin + 2 * GAP)), True
            line.append("" if empty else " " * GAP).append_text(part)
            empty = False
        if not empty:
            self.say(line)

    def _fit(self, cell: Text, width: int) -> None:
        """Make a cell exactly so wide; what was cut off is marked as the console can show it."""
        if not self.plain:
            cell.truncate(width, overflow="ellipsis", pad=True)
        elif cell.cell_len > width:
            cell.truncate(width - len("..."))
            cell.append("...")
        cell.truncate(width, pad=True)

    def cell(self, part: str | Text | tuple[str, str]) -> Text:
        """A part as styled text, its marks replaced where the console cannot show them."""
        text = part if isinstance(part, Text) else Text(*part) if isinstance(part, tuple) else Text(part)
        if not self.plain:
            return text
        return Text(text.plain.translate(_PLAIN), style=text.style)

    def next(self, *steps: tuple[str, str]) -> None:
        """Commands that can be pasted, each with what it does; a password in a store's address is left out of them."""
        if steps:
            self.blank()
            shown = [(masked_addresses(command), does) for command, does in steps]
            wide = max(cell_len(command) for command, _ in shown)
            for number, (command, does) in enumerate(shown):
                begin = "next    " if number == 0 else " " * 8
                blank = " " * (wide - cell_len(command) + 4)
                line = f"{begin}{command}{blank}{does}"
                if does and cell_len(line) <= self.width:
                    self.say(line)
                    continue
                self.say(f"{begin}{command}")
                if does:
                    self.say(f"{' ' * 10}{does}")
