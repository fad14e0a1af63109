"""A page of Markdown as GitHub shows it: rows as far as there is room, sections that fold, and the moment in words.

What is called a cell here is Markdown already: text from trackers goes through ``report.safe`` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

ROWS = 200
BYTES = 900_000
"""What the rows may take, of the 1 MiB that GitHub takes of a job's summary."""
CUT = "The rest of this page is cut: there is no room for it."

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_OPEN, _CLOSED = "<details>", "</details>"


@dataclass(slots=True)
class Room:
    """What there is room for on the whole page, which each row takes something of.

    Attributes:
        rows: so many lines of tables.
        size: so many bytes of them, in UTF-8.
        more: the command that shows what was left out; empty where none does.
    """

    rows: int = ROWS
    size: int = BYTES
    more: str = "trackersync check --all"

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], number: int) -> str:
        """A table as long as there is room, and how many of its ``number`` rows are not in it."""
        lines: list[str] = []
        for cells in rows if self.rows > 0 else ():
            line = row(cells)
            self.size -= len(line.encode()) + 1
            if self.size < 0:
                self.rows = 0
                break
            lines.append(line)
            self.rows -= 1
            if not self.rows:
                break
        left = number - len(lines)
        more = (f"{left:,} more: `{self.more}`" if self.more else f"{left:,} more.") if left else ""
        table = "\n".join([row(head), row(["-"] * len(head)), *lines]) if lines else ""
        return "\n\n".join(part for part in (table, more) if part)


def row(cells: Iterable[str]) -> str:
    """A line of a table."""
    return "| " + " | ".join(cells) + " |"


def folded(section: tuple[str, str, str]) -> str:
    """A section that is closed until somebody opens it: title, number and body.

    Its summary is HTML, so title and number are words of ours alone.
    """
    title, number, body = section
    return f"{_OPEN}<summary>{title}: {number}</summary>\n\n{body}\n\n{_CLOSED}"


def moment(at: datetime) -> str:
    """``Thursday 5 March 2026 10:15 UTC``: a page is read anywhere, and for a long time."""
    there = at.astimezone(UTC)
    return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]} {there.year} {there:%H:%M} UTC"


def fitted(page: str, most: int) -> str:
    """A page of at most so many bytes: cut at the end of a line, what is open closed, and said that it was cut.

    Args:
        page: the whole page.
        most: bytes in UTF-8; where not even the sentence fits, nothing is left.
    """
    whole = page.encode()
    if len(whole) <= most:
        return page
    end = f"\n\n{_CLOSED}\n\n{CUT}\n"
    kept = whole[: max(0, most - len(end.encode()))].decode(errors="ignore").rpartition("\n")[0]
    if kept.count(_OPEN) == kept.count(_CLOSED):
        end = f"\n\n{CUT}\n"
    return kept + end if len((kept + end).encode()) <= most else ""
