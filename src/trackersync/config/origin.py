"""Where a configuration's values came from, so that every fault is shown where it can be mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File

from trackersync.config.document import Document, shown
from trackersync.config.faults import Fault, Path
from trackersync.core.process import Process
from trackersync.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Origin:
    """A document, and the paths that something else than the document decides.

    Attributes:
        document: the file.
        elsewhere: path to the name of the variable or option that overrides it.
    """

    document: Document
    elsewhere: Mapping[Path, str] = field(default_factory=dict)

    def overriding(self, path: Path) -> str | None:
        """The variable or option that decides a value, if one does."""
        folded = tuple(part.casefold() if isinstance(part, str) else part for part in path)
        for length in range(len(path), 0, -1):
            if folded[:length] in self.elsewhere:
                return self.elsewhere[folded[:length]]
        return None

    def shown(self, path: Path) -> str:
        """What may be quoted of a scalar; of one that stands elsewhere, nothing."""
        return "…" if self.overriding(path) else shown(self.document, path)

    def problems(self, faults: Iterable[Fault]) -> tuple[Problem, ...]:
        """The faults with their places, in the order of the file; of one value or key, only what was found first."""
        broken: set[tuple[str, Path]] = set()
        found: dict[Problem, None] = {}
        for fault in faults:
            spot = (fault.at, fault.path)
            if spot in broken:
                continue
            if fault.path and fault.place is None:
                broken.add(spot)
            found.setdefault(self._problem(fault))
        return tuple(sorted(found, key=lambda one: (one.line, one.column)))

    def _problem(self, fault: Fault) -> Problem:
        name = self.overriding(fault.path)
        if name is not None and fault.place is None:
            return Problem(name, 0, 0, fault.where, fault.message, fault.hint, 0)
        place = fault.place or self.document.place(fault.path, fault.at)
        return Problem(
            self.document.file, place.line, place.column, fault.where, fault.message, fault.hint, place.width
        )


def text_of(file: File, name: str, what: str) -> str:
    """A file's text.

    Args:
        file: the file.
        name: what to call it in a message.
        what: what it is to the reader.

    Raises:
        ConfigError: it is missing, cannot be read, or is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{what} {name} is not UTF-8: line {line} holds a byte that is no text", next_step="save it as UTF-8"
        ) from None
    except FileNotFoundError:
        raise ConfigError(f"{what} {name} does not exist", next_step="check the path") from None
    except OSError as error:
        raise ConfigError(f"{what} {name} cannot be read: {error.strerror}", next_step="check its rights") from None


def refusal(problems: tuple[Problem, ...], process: Process | None = None) -> ConfigError:
    """One error for all problems; its next step shows the stages where a stage was not known."""
    files = tuple(dict.fromkeys(problem.file for problem in problems))
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    verb = "has" if len(files) == 1 else "have"
    next_step = "correct what is shown, then run the same command again"
    if process is not None and any(problem.where.endswith(".stages") for problem in problems):
        next_step = f"trackersync stages    the {len(process.stages)} stages of `{process.name}`, with role and outcome"
    return ConfigError(f"{' and '.join(files)} {verb} {count}. Nothing was read or written.", problems, next_step)
