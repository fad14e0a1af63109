"""Pydantic's errors as our faults: what is needed here, and what to write instead, never with what was read.

The error types are pydantic's own codes: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from trackersync.config.faults import Fault, Path
from trackersync.core.nearest import did_you_mean

Shown = Callable[[Path], str]
"""From a path to its scalar as it may be quoted: as written, never as expanded, never a credential."""

_LIST = "a list is needed here"
_TEXT = "text is needed here"
_WHOLE = "a whole number is needed here"
_NUMBER = "a number is needed here"
_TRUTH = "true or false is needed here"
_MAPPING = "a mapping is needed here"

_NEEDS = {
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(("string_type", "string_sub_type"), _TEXT),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _TRUTH),
    **dict.fromkeys(("dict_type", "model_type", "mapping_type", "model_attributes_type"), _MAPPING),
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_OWN = {
    "share": "write 20% or 0.2",
    "duration": "write 10 d or 2 w",
    "span": "write 30 min, 24 h, 7 d or 12 w",
    "day": "write it as 2026-12-31",
    "week": "leave a day of work",
    "entry": "write error, warning, note, off or on, or settings below it",
}
"""The validators of our own settings, by their error's code: what to write instead."""
_OURS = {*_NEEDS, *_BOUNDS, *_OWN, "literal_error", "enum"}
"""The errors whose sentence is made here, of nothing that was read."""
_SAMPLES = {
    "connector": "connector: github",
    "url": "url: https://…",
    "repositories": "repositories: [OWNER/REPO]",
    "projects": "projects: [KEY]",
    "trackers": "trackers: {github: {connector: github, …}}",
    "name": "name: LOGIN",
    "reason": "reason: why nobody needs to hear of it",
    "until": "until: YYYY-MM-DD",
}


def faults_of(error: ValidationError, model: type[BaseModel], base: Path, value: object, shown: Shown) -> list[Fault]:
    """One fault for each of pydantic's errors.

    Args:
        error: what pydantic said.
        model: the model it validated, for the keys that are known.
        base: where the model's mapping stands in the document.
        value: what was validated, to tell the document's own keys from pydantic's tags.
        shown: what may be quoted of a scalar.
    """
    details = error.errors(include_url=False, include_input=False)
    return [_fault(one, model, base, (*base, *_path(one, value)), shown) for one in details]


def _path(detail: ErrorDetails, value: object) -> Path:
    """An error's location without the tags of unions and the marks of validators, which no document has."""
    path: list[str | int] = []
    for part in detail["loc"]:
        below = _below(value)
        if part in below:
            value = below[part]
            path.append(part)
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    return tuple(path)


def _below(value: object) -> Mapping[str | int, object]:
    if isinstance(value, list):
        return dict(enumerate(value))
    return value if isinstance(value, Mapping) else {}


def _fault(detail: ErrorDetails, model: type[BaseModel], base: Path, path: Path, shown: Shown) -> Fault:
    """One error in our words: of a key that is missing or unknown, else of a value."""
    kind, last = detail["type"], str(path[-1]) if path else ""
    if kind == "missing":
        return Fault(path, f'"{last}" is missing', f"add {_SAMPLES.get(last, f'{last}: …')}", "key")
    if kind == "extra_forbidden":
        hint = did_you_mean(last, _keys(model, path[len(base) : -1]))
        return Fault(path, f'unknown key "{last}"', hint, "key")
    return Fault(path, *_value(detail, last, shown(path)), quoted=kind not in _OURS)


def _value(detail: ErrorDetails, last: str, written: str) -> tuple[str, str]:
    """What is wrong with a value, and what to write instead."""
    kind, context = detail["type"], detail.get("ctx", {})
    message, hint = detail["msg"].replace("Input should", "this should"), ""
    if kind in _OWN:
        hint = _OWN[kind]
    elif kind in _NEEDS:
        message, hint = _NEEDS[kind], _instead(_NEEDS[kind], written)
    elif kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        message, hint = f"this must be {words} {context[name]:g}", _OWN.get(last, "")
    elif kind in {"literal_error", "enum"}:
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        message, hint = f'unknown word "{written}"', did_you_mean(written, known)
    elif kind in {"too_short", "string_too_short"}:
        message, hint = "this must not be empty", f"add {_SAMPLES[last]}" if last in _SAMPLES else ""
    elif kind in {"value_error", "assertion_error"}:
        message = str(context["error"])
    return message, hint


def _instead(need: str, written: str) -> str:
    """What to write, made from what is written; nothing where a whole structure stands there."""
    if need == _MAPPING:
        return "write key: value lines, indented below it"
    if written == "…":
        return "write one word, without brackets and without lines below it" if need == _TEXT else ""
    if not written:
        return "write it here; what begins with # must stand in quotes" if need == _TEXT else ""
    if need == _LIST:
        return f"write [{written}]"
    if need == _WHOLE:
        return "write digits only, as in 500"
    return f'write "{written}"' if need == _TEXT else ""


def _keys(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that the model at this path knows; a key that is no field leads to what its mapping holds."""
    here = [model]
    for part in path:
        fields = [one.model_fields[part] for one in here if isinstance(part, str) and part in one.model_fields]
        if fields:
            here = [found for field in fields for found in _models(field.annotation)]
    return tuple(key for one in here for key in one.model_fields)


def _models(annotation: object) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


RUN = 6
"""So many characters of a secret in a row are part of it."""
MASK = "•••"


def discreet(faults: Iterable[Fault], secrets: Iterable[str]) -> list[Fault]:
    """The same faults, with every part of a secret masked in messages that others worded.

    A connector's own validators may quote what they were given.

    Args:
        faults: what was found.
        secrets: every expanded variable's and every credential's value.
    """
    parts = {secret[at : at + RUN] for secret in secrets if secret for at in range(max(1, len(secret) - RUN + 1))}
    return [replace(one, message=_masked(one.message, parts)) if one.quoted else one for one in faults]


def _masked(text: str, parts: Iterable[str]) -> str:
    hidden: set[int] = set()
    for part in parts:
        at = text.find(part)
        while at >= 0:
            hidden.update(range(at, at + len(part)))
            at = text.find(part, at + 1)
    shown = (MASK if at in hidden else char for at, char in enumerate(text) if at not in hidden or at - 1 not in hidden)
    return "".join(shown)


def credentials(settings: object) -> Iterable[str]:
    """Every ``SecretStr`` below a value, in the clear, for ``discreet`` only."""
    if isinstance(settings, SecretStr):
        yield settings.get_secret_value()
    elif isinstance(settings, Mapping):
        for value in settings.values():
            yield from credentials(value)
    elif isinstance(settings, list):
        for value in settings:
            yield from credentials(value)
