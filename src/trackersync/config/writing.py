"""A configuration as the text of a commented ``trackersync.yaml``, short where the defaults do.

PyYAML spells the scalars, so that a label such as ``stage: idea``, ``no``, ``!important`` or ``${x}`` is read back as
the text it is; the layout is ours, since PyYAML keeps no comments. Sources: YAML 1.1, "Flow Scalar Styles";
``document`` for what is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

import yaml

WIDTH = 100
"""Columns that a line keeps to where it can."""
LONGEST = 400
"""Letters of a comment; what is longer is cut."""
Entry = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that stands in the environment: written ``${NAME}``."""

    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """One tracker's part.

    Attributes:
        name: what the team calls it.
        settings: its keys in the order written, ``stages`` apart. Texts are meant as they are.
        stages: by stage, the entries.
        said: by key of the settings, or ``stages``, the comment beside it.
        counted: by stage, the comment beside it.
        guessed: by stage, comments above it.
        remarks: comments above the stages.
    """

    name: str
    settings: Mapping[str, object]
    stages: Mapping[str, Sequence[Entry]]
    said: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)
    guessed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section at the end: its values and what is said of it."""

    name: str
    value: Mapping[str, Mapping[str, object]]
    said: Sequence[str] = ()


def configuration_text(
    delivery: str,
    parts: Iterable[Part],
    *,
    head: Sequence[str] = (),
    said: str = "",
    sections: Iterable[Section] = (),
) -> str:
    """The text of a configuration.

    Args:
        delivery: a preset, or a file.
        parts: the trackers, in the order written.
        head: comments of the first lines.
        said: the comment beside ``delivery``.
        sections: what follows the trackers.
    """
    lines = [line for one in head for line in comment(one)]
    lines += ["", _noted(f"delivery: {plain_scalar(delivery)}", said), "", "trackers:"]
    for part in parts:
        lines += [*_part(part), ""]
    for section in sections:
        lines += [line for one in section.said for line in comment(one)]
        lines += [f"{section.name}:"]
        lines += [f"  {scalar(key)}: {{{_pairs(value)}}}" for key, value in section.value.items()]
        lines.append("")
    return "\n".join(lines).strip("\n") + "\n"


def _part(part: Part) -> list[str]:
    lines = [f"  {scalar(part.name)}:"]
    for key, value in part.settings.items():
        lines += _keyed(f"    {scalar(key)}: ", value, part.said.get(key, ""))
    lines += [line for one in part.remarks for line in comment(one, 4)]
    if part.stages:
        lines.append(_noted("    stages:", part.said.get("stages", "")))
    for stage, entries in part.stages.items():
        lines += [line for one in part.guessed.get(stage, ()) for line in comment(one, 6)]
        lines += _stage(scalar(stage), entries, part.counted.get(stage, ""))
    return lines


def _keyed(start: str, value: object, said: str) -> list[str]:
    if isinstance(value, list):
        return _listed(start, [scalar(one) for one in value], said, indent=6)
    if isinstance(value, Mapping):
        return [_noted(f"{start}{{{_pairs(value)}}}", said)]
    return [_noted(f"{start}{plain_scalar(value)}", said)]


def _stage(key: str, entries: Sequence[Entry], said: str) -> list[str]:
    """A stage on one line where it fits, else entry by entry."""
    flat = ", ".join(f"{{{_pairs(entry)}}}" for entry in entries)
    line = f"      {key}: {flat if len(entries) == 1 else f'[{flat}]'}"
    if len(line) <= WIDTH:
        return [_noted(line, said)]
    lines = [_noted(f"      {key}:", said)]
    for entry in entries:
        start, indent = ("        - ", 10) if len(entries) > 1 else ("        ", 8)
        for word, values in entry.items():
            head = f"{start}{scalar(word)}: "
            if isinstance(values, str):
                lines.append(f"{head}{scalar(values)}")
            else:
                lines += _listed(head, [scalar(value) for value in values], "", indent=indent + 2)
            start = " " * indent
    return lines


def _listed(start: str, words: Sequence[str], said: str, *, indent: int) -> list[str]:
    """A list in brackets, folded between its values."""
    lines, line = [], f"{start}["
    for place, word in enumerate(words):
        piece = f"{word}{',' if place + 1 < len(words) else ']'}"
        if len(line) + len(piece) + 1 > WIDTH and not line.endswith("["):
            lines.append(line)
            line = f"{' ' * indent}{piece}"
        else:
            line += piece if line.endswith("[") else f" {piece}"
    if not words:
        line += "]"
    return [*lines, _noted(line, said)]


def _pairs(value: Mapping[str, object]) -> str:
    return ", ".join(f"{scalar(key)}: {_flow(one)}" for key, one in value.items())


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{_pairs(value)}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(scalar(one) for one in value)}]"
    return scalar(value)


def scalar(value: object) -> str:
    """A value as it stands in brackets or as a key; ``${`` in a text is no variable."""
    if isinstance(value, Variable):
        return f"${{{value.name}}}"
    return _quoted(_dumped([_escaped(value)])[1:-1])


def plain_scalar(value: object) -> str:
    """A value as it stands behind a key, where fewer texts need quotes: ``https://HOST``."""
    if isinstance(value, Variable):
        return scalar(value)
    return _quoted(_dumped({"": _escaped(value)}, flow=False).partition(": ")[2])


def _escaped(value: object) -> object:
    return value.replace("${", "$${") if isinstance(value, str) else value


def _dumped(value: list[object] | dict[str, object], *, flow: bool = True) -> str:
    """What PyYAML makes of it, on one line; what nobody sees, or what breaks a line, is spelt out."""
    inner = next(iter(value.values() if isinstance(value, dict) else value))
    seen = not isinstance(inner, str) or inner.isprintable()
    style = None if seen else '"'
    text: str = yaml.safe_dump(value, default_flow_style=flow, default_style=style, width=math.inf, allow_unicode=seen)
    return text.strip()


def _quoted(spelled: str) -> str:
    """Double quotes, as in all examples, where they hold the same text."""
    inner = spelled[1:-1]
    single = spelled[:1] == spelled[-1:] == "'" and not {'"', "\\", "'"} & set(inner)
    return f'"{inner}"' if single else spelled


def comment(text: str, indent: int = 0) -> list[str]:
    """A comment on lines of its own, whatever the text holds; none for an empty text."""
    begin = f"{' ' * indent}# "
    return [
        f"{begin}{line}"
        for line in wrap(_plain(text), WIDTH - len(begin), break_long_words=False, break_on_hyphens=False)
    ]


def _noted(line: str, said: str) -> str:
    return f"{line}  # {_plain(said)}" if _plain(said) else line


def _plain(text: str) -> str:
    """Text that ends no comment: on one line, without what YAML does not allow."""
    seen = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return seen if len(seen) <= LONGEST else f"{seen[: LONGEST - 1]}…"
