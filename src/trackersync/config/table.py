"""The CSV form of the people: RFC 4180 with a header, read as a document, so that its faults have places too.

``name,email,roles,<tracker>,…``: columns in any order, several accounts or roles in one cell separated by ``;``. A file
without a header is refused: which column holds whose login would be a guess.
"""

from __future__ import annotations

import csv
import io

from trackersync.config.document import Document
from trackersync.config.faults import TOP, Fault, Path, Place

SEPARATOR = ";"
SINGLE = ("name", "email")
"""The columns of which a person has one value; every other cell is a list."""


def read_table(text: str, file: str, trackers: tuple[str, ...]) -> Document:
    """Read a CSV file of people.

    Args:
        text: its text.
        file: its name as people should see it.
        trackers: the trackers' names, for the header that a refusal proposes.

    Returns:
        A document whose value is a list of persons as the YAML list would hold them.
    """
    table = _Table(file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    hint = f"begin the file with the line {','.join(('name', 'email', 'roles', *trackers))}"
    header: list[str] | None = None
    began = 1
    try:
        for cells in reader:
            line, began = began, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is not None:
                table.add(header, cells, line)
                continue
            header = [cell.strip() for cell in cells]
            if "name" not in header:
                return table.refused(line, "no header with a column `name`", hint)
            if len(set(header)) < len(header) or "" in header:
                return table.refused(line, "the header names a column twice, or not at all", hint)
    except csv.Error as error:
        return table.refused(reader.line_num, f"this is not CSV: {error}", 'a " inside a cell is written ""')
    return table.document() if header is not None else table.refused(1, "the file is empty", hint)


class _Table:
    """Gathers rows as values, and where their cells stand."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.rows: list[dict[str, object]] = []
        self.places: dict[Path, Place] = {}
        self.written: dict[Path, str] = {}
        self.faults: list[Fault] = []

    def add(self, header: list[str], cells: list[str], line: int) -> None:
        """Add a person; empty cells say nothing."""
        row = len(self.rows)
        self.places[row,] = Place(line, 1)
        if len(cells) != len(header):
            message = f"this line has {len(cells)} cells where the header has {len(header)}"
            self.faults.append(Fault((row,), message, "add or remove commas", place=Place(line, 1)))
        person: dict[str, object] = {}
        column = 1
        for key, cell in zip(header, cells, strict=False):
            word = cell.strip()
            self.places[row, key] = Place(line, column, max(len(cell), 1))
            column += len(cell) + 1
            if word:
                person[key] = self._value(row, key, word)
        self.rows.append(person)

    def _value(self, row: int, key: str, word: str) -> object:
        self.written[row, key] = word
        if key in SINGLE:
            return word
        words = [part.strip() for part in word.split(SEPARATOR) if part.strip()]
        for place, part in enumerate(words):
            self.places[row, key, place] = self.places[row, key]
            self.written[row, key, place] = part
        return words

    def document(self) -> Document:
        """What was gathered."""
        return Document(self.file, self.rows, self.places, self.places, self.written, faults=tuple(self.faults))

    def refused(self, line: int, message: str, hint: str) -> Document:
        """No people, and why."""
        fault = Fault((), message, hint, place=Place(line, TOP.column))
        return Document(self.file, None, {}, {}, {}, faults=(fault,))
