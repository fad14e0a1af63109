"""What a step came to, before it is told: its exit code, outputs, annotations, and a page that fits any room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from trackersync.cli.exits import Exit
from trackersync.cli.stopping import standing
from trackersync.errors import ConfigError, Problem, StoreError, TrackersyncError
from trackersync.report.annotations import MOST, annotation
from trackersync.report.page import BYTES, ROWS, Room
from trackersync.report.safe import command_property, markdown, markdown_order

OUTPUTS = ("findings", "errors", "new", "changes", "conflicts", "plan-digest", "held", "report")
"""The outputs of the step, besides its exit code; one that a command has nothing to say of is empty."""
_WHOLE = Room(rows=1_000_000, size=100_000_000)

Render = Callable[[Room, Sequence[str]], str]
"""Makes the page: from what there is room for, and sentences in Markdown that belong above all."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What a step came to.

    Attributes:
        code: the exit code of the command.
        outputs: by name, of ``OUTPUTS``.
        annotations: lines for the runner, the worst first.
        render: makes the page.
        said: sentences that belong above all in it, in Markdown.
        sarif: makes the same as SARIF, of a check.
    """

    code: int
    outputs: Mapping[str, str]
    annotations: tuple[str, ...]
    render: Render
    said: tuple[str, ...] = ()
    sarif: Callable[[], str] | None = None

    def page(self, size: int = BYTES, rows: int = ROWS) -> str:
        """The page, with so many bytes and lines of tables."""
        return self.render(Room(rows, min(size, BYTES)), self.said)

    @property
    def whole(self) -> str:
        """The page with all there is."""
        return self.render(replace(_WHOLE), self.said)

    def saying(self, *sentences: str) -> Acted:
        """The same, with something more to say."""
        return replace(self, said=(*self.said, *(one for one in sentences if one)))

    def reported(self, file: str) -> Acted:
        """The same, with the whole report in a file."""
        return replace(self, outputs={**self.outputs, "report": file})

    def troubled(self, error: TrackersyncError) -> Acted:
        """The same, of a step that came to its end and could not write all it was to write."""
        line = annotation("error", "trackersync", str(error))
        return replace(self, annotations=(line, *self.annotations)).saying(f"**{markdown(str(error), 1000)}**")


def failed(error: TrackersyncError | None, code: int) -> Acted:
    """What there is to tell of a step that came to nothing.

    Args:
        error: why; None: it was stopped from outside.
        code: what it ends with.
    """
    problems: tuple[Problem, ...] = ()
    message, head, step = standing.sentence(), "stopped", ""
    if isinstance(error, ConfigError):
        message, head, step, problems = str(error), "not run", error.next_step, error.problems
    elif error is not None:
        written = error.written if isinstance(error, StoreError) else ""
        message = f"{error} {written}".strip()
        head = "a tracker could not be used" if code == Exit.UNREACHABLE else "not run"
    lines = [annotation("error", "trackersync", f"{message.rstrip('.')}. Next: {step}" if step else message)]
    lines += [annotation("error", one.where or "configuration", _told(one), _at(one)) for one in problems[: MOST - 1]]

    def render(room: Room, said: Sequence[str]) -> str:
        rows = ([markdown(f"{one.file}:{one.line}"), markdown(one.where), markdown(_told(one))] for one in problems)
        table = room.table(["where", "key", "what is wrong"], rows, len(problems)) if problems else ""
        # A step may stand in several columns: a command, and what it does.
        after = f"Next: {markdown_order(step)}" if step else ""
        parts = [
            f"## trackersync: {head}",
            markdown_order(message) if len(message) <= 300 else markdown(message, 1000),
            *said,
            table,
            after,
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    return Acted(code, {}, tuple(lines), render)


def _told(problem: Problem) -> str:
    return f"{problem.message}: {problem.hint}" if problem.hint else problem.message


def _at(problem: Problem) -> str:
    if not problem.file:
        return ""
    return f"file={command_property(problem.file)},line={problem.line},col={problem.column}"
