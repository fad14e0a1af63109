"""The lines of a file around a mistake, with a mark below the word that is wrong, and no credential in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from rich.cells import cell_len

from trackersync.config.document import compose
from trackersync.config.faults import secret_key
from trackersync.core.masking import MASK, address_spans, masked_addresses, secret_spans
from trackersync.errors import Problem

WIDE = 96
"""Columns of an excerpt at most; a longer line is cut around the mistake."""
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_SHAPED = re.compile(r"(?:gh[opusr]|github_pat|glpat|xox[abp])[_-][\w-]{6,}|ATATT[\w=+/-]{6,}|eyJ[\w-]{8,}\.[\w.-]+")
"""What is a credential wherever it stands: tokens, by their vendors' prefixes."""
_STORE = re.compile(r"""^\s*["']?store["']?\s*:\s+(.*)$""")


def place(problem: Problem) -> str:
    """``FILE:LINE:COLUMN``, which editors and CI logs make a link of; just the name of what is not a file."""
    return f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file


def excerpt(problem: Problem, source_text: str) -> list[str]:
    """The line with the mistake, the one above where it belongs to the same block, and the mark with the hint.

    Args:
        problem: the mistake; one that stands in no file has only its hint.
        source_text: the whole text of ``problem.file``.

    Returns:
        Lines without their ends, at most ``WIDE`` columns of source each; credentials in them are shown as ``•••``.
    """
    lines = source_text.removeprefix("\ufeff").splitlines()
    if not 1 <= problem.line <= len(lines):
        return [f"      | {problem.hint}"] if problem.hint else []
    spans = _secrets(source_text)
    line, start = _masked(lines[problem.line - 1], spans.get(problem.line, []), problem.column - 1)
    end = _masked(lines[problem.line - 1], spans.get(problem.line, []), problem.column - 1 + max(problem.width, 1))[1]
    line, start, end = _cut(line, start, end)
    shown = []
    above = lines[problem.line - 2] if problem.line > 1 else ""
    if above.strip() and line[:1].isspace():
        text = _masked(above, spans.get(problem.line - 1, []), 0)[0]
        shown.append(f"{problem.line - 1:>5} | {_cut(text, 0, 0)[0]}")
    shown.append(f"{problem.line:>5} | {line}")
    margin, width = cell_len(line[:start]), max(cell_len(line[start:end]), 1)
    shown.append(f"      | {' ' * margin}{'^' * width} {problem.hint}".rstrip())
    return shown


def masked(text: str) -> str:
    """A text with what is a credential by its shape as ``•••``."""
    return _SHAPED.sub(MASK, masked_addresses(text))


def _masked(line: str, spans: list[tuple[int, int]], column: int) -> tuple[str, int]:
    """The line with every span masked, and where ``column`` has come to by that; no control character survives."""
    text, last, moved = "", 0, column
    for begin, end in sorted({*spans, *_shaped(line)}):
        if begin < last:
            continue
        text += line[last:begin] + MASK
        if column >= end:
            moved += len(MASK) - (end - begin)
        elif column > begin:
            moved = len(text)
        last = end
    text += line[last:]
    return "".join(char if char.isprintable() else " " for char in text), moved


def _shaped(line: str) -> Iterator[tuple[int, int]]:
    """Where a line holds what is a credential by its shape; a store's password may hold blanks."""
    yield from (match.span() for match in _SHAPED.finditer(line))
    yield from address_spans(line)
    if store := _STORE.match(line):
        yield from ((store.start(1) + begin, store.start(1) + end) for begin, end in secret_spans(store[1]))


def _cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    """At most ``WIDE`` columns of a line, around the mistake."""
    room = WIDE - 8
    if len(line) <= room:
        return line, start, min(end, len(line))
    first = max(0, min(start - room // 3, len(line) - room))
    shown = line[first : first + room]
    if first:
        shown = f"…{shown[1:]}"
    if first + room < len(line):
        shown = f"{shown[:-1]}…"
    return shown, start - first, min(end - first, len(shown))


def _secrets(source_text: str) -> dict[int, list[tuple[int, int]]]:
    """By line, the columns that hold credentials: exactly where the text is YAML, rather too many where it is not."""
    spans: dict[int, list[tuple[int, int]]] = {}
    lines = source_text.splitlines()
    try:
        root = compose(source_text)
    except yaml.YAMLError:
        guessed = _guessed(lines)
    else:
        # What is commented out is no node, but may be a token all the same.
        guessed = _guessed([line if line.lstrip().startswith("#") else "" for line in lines])
        for node in _credentials(root, secret=False, seen=set()) if root is not None else ():
            for line, span in _spans(node, lines):
                spans.setdefault(line, []).append(span)
    for line, span in guessed:
        spans.setdefault(line, []).append(span)
    return spans


def _spans(node: yaml.Node, lines: list[str]) -> Iterator[tuple[int, tuple[int, int]]]:
    start, end = node.start_mark, node.end_mark
    for number in range(start.line, min(end.line + 1, len(lines))):
        begin = start.column if number == start.line else 0
        stop = end.column if number == end.line else len(lines[number])
        if stop > begin:
            yield number + 1, (begin, stop)


def _credentials(node: yaml.Node, *, secret: bool, seen: set[tuple[int, bool]]) -> Iterator[yaml.ScalarNode]:
    """Every scalar below a key that names a credential, unless it only names a variable."""
    if (id(node), secret) in seen:
        return
    seen.add((id(node), secret))
    if isinstance(node, yaml.ScalarNode):
        if secret and not _VARIABLE.fullmatch(node.value):
            yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _credentials(item, secret=secret, seen=seen)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            named = isinstance(key, yaml.ScalarNode) and secret_key(key.value)
            yield from _credentials(value, secret=secret or named, seen=seen)


def _guessed(lines: list[str]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Everything from a credential's key to the end of its line, and the deeper lines below it."""
    inside: int | None = None
    for number, line in enumerate(lines, start=1):
        indent = len(line) - len(line.lstrip())
        if inside is not None and (indent > inside or not line.strip()):
            yield number, (indent, len(line))
            continue
        inside = None
        for match in re.finditer(r"""["']?([\w.-]+)["']?\s*:(?:\s+|$)""", line):
            if secret_key(match[1]):
                inside = indent
                if match.end() < len(line) and not _VARIABLE.fullmatch(line[match.end() :].strip()):
                    yield number, (match.end(), len(line))
                break
