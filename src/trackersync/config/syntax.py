"""What is wrong with a text that is no YAML, in words for people who never read its grammar.

The parser says what it was doing ("did not find expected key, while parsing a block mapping"). What people need is
what they typed. Its sentences are libyaml's or, where PyYAML is built without it, PyYAML's own; one that is not known
here is told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

INDENTED = "indent it by spaces as its neighbours are"
QUOTED = "put the whole value in quotes"
GENERAL = "check indentation, quotes and brackets here and just above"

_NO_SPACE = re.compile(r"\s*(?:- )?([\w-]+):[^\s/]")
"""A key with its value right behind the colon; ``http://`` is none."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the parser stopped, with what it said."""

    error: yaml.MarkedYAMLError
    line: str
    column: int
    before: list[str]


def told(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str]:
    """What is wrong, and what to do about it; of the text nothing is quoted but keys.

    Args:
        error: what the parser said.
        text: what it read.
    """
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    at = min(mark.line, len(lines) - 1) if mark is not None else 0
    spot = _Spot(error, lines[at], mark.column if mark is not None else 0, lines[:at])
    said = f"{error.problem or ''}, {error.context or ''}"
    tell = next((tell for form, tell in _CASES if form.search(said)), _plain)
    return tell(spot)


def _tab(spot: _Spot) -> tuple[str, str]:
    if spot.line[: spot.column].strip():
        return "a tab stands where only spaces may", "write spaces instead"
    return "a tab stands in the indentation", "indent with spaces; YAML takes no tabs"


def _indented_by_tab(spot: _Spot) -> bool:
    return "\t" in spot.line[: len(spot.line) - len(spot.line.lstrip())]


def _character(spot: _Spot) -> tuple[str, str]:
    line, column = spot.line, spot.column
    if line[column : column + 1] == "\t" or _indented_by_tab(spot):
        return _tab(spot)
    sign = line[column : column + 1]
    return f"a value cannot begin with {sign}" if sign in {"@", "`", "%"} else "a value cannot begin so", QUOTED


def _bracket(spot: _Spot) -> tuple[str, str]:
    opening, closing = ("[", "]") if "sequence" in (spot.error.context or "") else ("{", "}")
    return (
        f"the {opening} that was opened{_began(spot)} is not closed before this, or a comma is missing",
        f"close it with {closing}, or put a comma between what stands in it",
    )


def _colon(spot: _Spot) -> tuple[str, str]:
    if _indented_by_tab(spot):
        return _tab(_Spot(spot.error, spot.line, 0, spot.before))
    above = next((one for one in reversed(spot.before) if one.strip() and not one.lstrip().startswith("#")), "")
    if re.search(r":\s", spot.line[: spot.column]):
        return "a second colon stands in this line", QUOTED
    if found := _NO_SPACE.match(above):
        hint = f"write {found[1]}: with a space before its value"
        return "a space is missing after the colon of the line above", hint
    return "a key stands where none is expected: its indentation is not that of the keys around it", INDENTED


def _neighbours(spot: _Spot) -> tuple[str, str]:
    if spot.line[: spot.column].strip():
        return "something follows where the value has ended", QUOTED
    what = "list" if "indicator" in (spot.error.problem or "") else "keys"
    return f"the indentation of this line does not line up with the {what} above{_began(spot)}", INDENTED


def _keyless(_: _Spot) -> tuple[str, str]:
    return "this line is no key with a value", "write it as key: value"


def _quote(spot: _Spot) -> tuple[str, str]:
    return f"a quote that began{_began(spot)} is not closed", "close it with the same quote"


def _alias(_: _Spot) -> tuple[str, str]:
    return "a value that begins with * is an alias, and nothing is called so", QUOTED


def _plain(spot: _Spot) -> tuple[str, str]:
    """The parser's own sentence.

    An anchor or tag handle that it quotes may be the start of an unquoted token: it is left out.
    """
    error = spot.error
    problem = re.sub(r"(alias|anchor|handle) '.*'", r"\1", error.problem or "it cannot be read")
    context = f", {error.context}" if error.context else ""
    mark, other = error.problem_mark or error.context_mark, error.context_mark
    if other is not None and mark is not None and other.line != mark.line:
        context += f" that began{_began(spot)}"
    return problem + context, GENERAL


def _began(spot: _Spot) -> str:
    mark = spot.error.context_mark
    return f" on line {mark.line + 1}" if mark is not None else ""


_CASES: tuple[tuple[re.Pattern[str], Callable[[_Spot], tuple[str, str]]], ...] = (
    (re.compile(r"^found a tab character|but found '\\t'"), _tab),
    (re.compile("^found character .*cannot start any token"), _character),
    (re.compile(r"expected ',' or .*flow (sequence|mapping)"), _bracket),
    (re.compile("^mapping values are not allowed"), _colon),
    (re.compile("^did not find expected (key|'-' indicator)"), _neighbours),
    (re.compile("^could not find expected ':'"), _keyless),
    (re.compile("end of stream.*quoted scalar"), _quote),
    (re.compile("undefined alias|scanning an alias"), _alias),
)
"""What the parsers say, and who tells it."""
