"""Where a configuration's values came from, so that every fault is shown where it can be mended."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Literal

from trackersync.config.document import Document, shown
from trackersync.config.faults import Fault, Path
from trackersync.core.process import Process
from trackersync.errors import ConfigError, Problem

Beside = Callable[[Path], File]
"""From where a relative path is written to the folder it is relative to."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A document, and the paths that something else than the document decides.

    Attributes:
        document: the file, laid over those it includes.
        elsewhere: path to the name of the variable or option that overrides it.
        folders: by an included file's name, the folder it is in; in the order in which their faults are told.
    """

    document: Document
    elsewhere: Mapping[Path, str] = field(default_factory=dict)
    folders: Mapping[str, File] = field(default_factory=dict)

    def overriding(self, path: Path) -> str | None:
        """The variable or option that decides a value, if one does."""
        folded = _folded(path)
        for length in range(len(path), 0, -1):
            if folded[:length] in self.elsewhere:
                return self.elsewhere[folded[:length]]
        return None

    def made(self, path: Path) -> str | None:
        """The variable or option that brings in a part of the path that no file writes, if one does."""
        for length in range(1, len(path) + 1):
            if path[:length] not in self.document.keys:
                return self.within(path[:length])
        return None

    def within(self, path: Path) -> str | None:
        """The variable or option that decides something below a path, if one does."""
        folded = _folded(path)
        return next((name for at, name in self.elsewhere.items() if at[: len(path)] == folded), None)

    def shown(self, path: Path) -> str:
        """What may be quoted of a scalar; of one that stands elsewhere, nothing."""
        return "…" if self.overriding(path) else shown(self.document, path)

    def beside(self, path: Path, folder: File) -> File:
        """What a relative path is relative to: the folder of the included file that wrote it, else ``folder``."""
        return folder if self.overriding(path) else self.folders.get(self.document.place(path).file, folder)

    def source(self, path: Path, at: Literal["value", "key"] = "key") -> str:
        """Where a value is written: ``trackersync.yaml:41``, or the variable's or option's name."""
        place = self.document.place(path, at)
        return self.overriding(path) or self.made(path) or f"{place.file or self.document.file}:{place.line}"

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
        files = {name: place for place, name in enumerate((self.document.file, *self.folders))}
        return tuple(sorted(found, key=lambda one: (files.get(one.file, 0), one.line, one.column)))

    def _problem(self, fault: Fault) -> Problem:
        name = self.overriding(fault.path) or self.made(fault.path)
        if name is not None and fault.place is None:
            return Problem(name, 0, 0, fault.where, fault.message, fault.hint, 0)
        place = fault.place or self.document.place(fault.path, fault.at)
        file = place.file or self.document.file
        return Problem(file, place.line, place.column, fault.where, fault.message, fault.hint, place.width)


def _folded(path: Path) -> Path:
    return tuple(part.casefold() if isinstance(part, str) else part for part in path)


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


def refusal(problems: tuple[Problem, ...], process: Process | None = None, delivery: str = "") -> ConfigError:
    """One error for all problems; its next step shows the stages where a stage was not known.

    Args:
        problems: every mistake.
        process: whose stages there are; None where it is not known.
        delivery: what names it: `stages` cannot learn it from a file with mistakes.
    """
    files = tuple(dict.fromkeys(problem.file for problem in problems))
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    verb = "has" if len(files) == 1 else "have"
    next_step = "correct what is shown, then run the same command again"
    if process is not None and any(problem.where.endswith(".stages") for problem in problems):
        command = f"trackersync stages --delivery {shlex.quote(delivery or process.name)}"
        next_step = f"{command}    the {len(process.stages)} stages of `{process.name}`, with role and outcome"
    named = " and ".join(filter(None, (", ".join(files[:-1]), files[-1])))
    return ConfigError(f"{named} {verb} {count}. Nothing was read or written.", problems, next_step)
