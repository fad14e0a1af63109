"""``include``: files of which a configuration is made, each laid under the one that names it.

Mappings are joined key by key; a list, a scalar, and the entry of one stage are taken from the upper file whole, since
half a stage's entry would be another stage's. A later file of a list lies over an earlier one. ``null`` in an upper
file takes away what a lower one says. Paths stay relative to the file that wrote them (``Origin.beside``).

An overlay is therefore a file that includes what it lies over: one file always names the whole configuration, so that
every command that can be pasted has one ``--config``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import TypeVar

from trackersync.config.document import Document, read, shown
from trackersync.config.faults import Fault, Path, Place
from trackersync.config.origin import text_of
from trackersync.errors import ConfigError

INCLUDE = "include"
DEEPEST = 10
"""Files that include each other more deeply are not laid out but lost."""
MOST = 100
"""Files of one configuration at most, each counted as often as it is included."""
_T = TypeVar("_T")
_ENTRIES = frozenset({"stages", "outcomes"})
"""Keys of a tracker whose entries are taken whole."""


def whole(
    document: Document, file: File, folder: File, environ: Mapping[str, str] | None = None
) -> tuple[Document, dict[str, File]]:
    """A document laid over all that it includes.

    Args:
        document: as read; its value is a mapping.
        file: where it was read from.
        folder: what the names of files are shown relative to.
        environ: what ``${VAR}`` of included files is expanded from.

    Returns:
        The document with the places of every value, and by included file's name the folder it is in. Where a file
        could not be read, the document's value is None, since what it would have said is missing; its faults say why.
    """
    reading = _Reading(folder, environ)
    found = reading.laid_out(document, file, (file.resolve(),))
    return (replace(found, value=None) if reading.broken else found), reading.folders


@dataclass(slots=True)
class _Reading:
    folder: File
    environ: Mapping[str, str] | None
    folders: dict[str, File] = field(default_factory=dict)
    count: int = 0
    broken: bool = False

    def laid_out(self, document: Document, file: File, chain: tuple[File, ...]) -> Document:
        """The document over what it includes."""
        value = document.value
        if not isinstance(value, Mapping) or INCLUDE not in value:
            return document
        faults: list[Fault] = []
        under: Document | None = None
        for spot, word in _words(value[INCLUDE]):
            # An included file's `include` is no part of the whole, so its faults take their place along.
            place = document.place(spot)
            if not isinstance(word, str) or not word.strip():
                hint = "write include: company.yaml, or a list of files"
                faults.append(Fault(spot, "the name of a file is needed here", hint, place=place))
                continue
            try:
                part = self._read(word, shown(document, spot), file, chain)
            except ConfigError as error:
                faults.append(Fault(spot, str(error), error.next_step, place=place))
                continue
            under = part if under is None else laid(part, under)
        self.broken = self.broken or bool(faults)
        result = document if under is None else laid(document, under)
        return replace(result, faults=(*result.faults, *faults))

    def _read(self, word: str, written: str, by: File, chain: tuple[File, ...]) -> Document:
        """An included file, laid over what it includes itself. Raises ``ConfigError`` with what is wrong with it."""
        file = File(os.path.normpath(by.parent / word))
        name = named(file, self.folder)
        if file.resolve() in chain:
            through = " → ".join(one.name for one in (*chain[chain.index(file.resolve()) :], file))
            raise ConfigError(f"this includes itself: {through}", next_step="leave it out in one of them")
        self.count += 1
        if len(chain) >= DEEPEST or self.count > MOST:
            raise ConfigError("files are included too deeply or too often", next_step="include fewer, and directly")
        document = read(text_of(file, written, "the included file"), name, self.environ)
        self.folders[name] = file.parent
        if not isinstance(document.value, Mapping):
            nothing = Fault((), "nothing is configured here", "write keys and values, or leave this file out")
            document = replace(document, value={}, faults=document.faults or (nothing,))
            self.broken = True
        return self.laid_out(_filed(document), file, (*chain, file.resolve()))


def named(file: File, folder: File) -> str:
    """A file's name as people should see it: relative to where they are, if it is below."""
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def _words(value: object) -> Iterator[tuple[Path, object]]:
    if isinstance(value, list):
        yield from (((INCLUDE, place), word) for place, word in enumerate(value))
    elif value is not None:
        yield (INCLUDE,), value


def _filed(document: Document) -> Document:
    """The document with its file's name in every place, and its faults at their places."""

    def of(places: Mapping[Path, Place]) -> dict[Path, Place]:
        return {path: replace(place, file=document.file) for path, place in places.items()}

    filed = replace(document, values=of(document.values), keys=of(document.keys))
    top = replace(filed.place(()), file=document.file)
    faults = tuple(
        replace(one, place=replace(one.place, file=document.file) if one.place else None if one.path else top)
        for one in document.faults
    )
    return replace(filed, faults=faults)


def laid(over: Document, under: Document) -> Document:
    """One document laid over another: values, their places, and what is wrong with what is left of both."""
    gone: set[Path] = {(INCLUDE,)}
    taken: set[Path] = set()
    value = _laid(over.value, under.value, (), gone, taken)

    def joined(lower: Mapping[Path, _T], upper: Mapping[Path, _T]) -> dict[Path, _T]:
        left = {path: one for path, one in lower.items() if not _below(path, gone)}
        return left | {path: one for path, one in upper.items() if not _below(path, taken)}

    whole = replace(
        over,
        value=value,
        values=joined(under.values, over.values),
        keys=joined(under.keys, over.keys),
        written=joined(under.written, over.written),
        expanded=over.expanded | under.expanded,
    )
    left = tuple(
        # At the same path the upper file may have a place of its own.
        one if one.place is not None else replace(one, place=_elsewhere(under, whole, one))
        for one in under.faults
        if one.place is not None or not _below(one.path, gone)
    )
    return replace(whole, faults=(*over.faults, *left))


def _below(path: Path, paths: set[Path]) -> bool:
    return any(path[:length] in paths for length in range(1, len(path) + 1))


def _elsewhere(under: Document, whole: Document, fault: Fault) -> Place | None:
    place = under.place(fault.path, fault.at)
    return place if place != whole.place(fault.path, fault.at) else None


def _laid(over: object, under: object, path: Path, gone: set[Path], taken: set[Path]) -> object:
    """The upper value, with what only the lower one has; notes whose paths are no longer there."""
    if not isinstance(over, Mapping) or not isinstance(under, Mapping) or _is_entry(path):
        gone.add(path)
        return over
    result = {key: value for key, value in under.items() if (*path, key) != (INCLUDE,)}
    for key, value in over.items():
        here = (*path, key)
        if value is None and key in result:
            gone.add(here)
            taken.add(here)
            del result[key]
        elif key in result:
            result[key] = _laid(value, result[key], here, gone, taken)
        else:
            result[key] = value
    return result


def _is_entry(path: Path) -> bool:
    return len(path) == 4 and path[0] == "trackers" and path[2] in _ENTRIES
