"""``fill`` in a Jira tracker's settings: what transitions' screens are filled in with, checked before all else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from trackersync_jira.filling import Scalar, Value

_SHAPE = 'write the status, or "*" for every one, then fields with their values: `fill: {"*": {resolution: Done}}`'


def _rules(given: object) -> dict[str, dict[str, Value]]:
    if not isinstance(given, Mapping):
        raise ValueError(_SHAPE)  # noqa: TRY004  # pydantic turns only this one into a sentence of its own
    rules = {_named(status, "status"): _fields(status, fields) for status, fields in given.items()}
    _expect_once(rules, "`fill` names the status")
    return rules


def _fields(status: object, given: object) -> dict[str, Value]:
    if not isinstance(given, Mapping):
        raise ValueError(f'"{status}" is to be a status with fields below it: {_SHAPE}')  # noqa: TRY004  # see above
    fields = {_named(name, "field"): _value(name, value) for name, value in given.items()}
    _expect_once(fields, f'below "{status}" there is the field')
    return fields


def _value(name: object, given: object) -> Value:
    if isinstance(given, list):
        if not given:
            raise ValueError(f'the list of "{name}" is empty: leave the field out, since nothing is ever emptied')
        return [_scalar(name, member) for member in given]
    return _scalar(name, given)


def _scalar(name: object, given: object) -> Scalar:
    if isinstance(given, bool):
        word = "Yes" if given else "No"
        raise ValueError(f'YAML reads the value of "{name}" as true or false: put it in quotes, as in "{word}"')  # noqa: TRY004  # see above
    if isinstance(given, datetime | date):
        return given.isoformat()
    if isinstance(given, float) and not math.isfinite(given):
        raise ValueError(f'"{name}" takes a number that ends')
    if isinstance(given, str | int | float) and given != "":
        return given
    raise ValueError(f'"{name}" takes a text, a number, a day, or a list of them')


def _named(name: object, what: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f'"{name}" is no name of a {what}: put it in quotes')
    return name


def _expect_once(names: Iterable[str], words: str) -> None:
    folded: set[str] = set()
    for name in names:
        if name.casefold() in folded:
            raise ValueError(f'{words} "{name}" twice; capitals do not count')
        folded.add(name.casefold())


Fill = Annotated[dict[str, dict[str, Value]], BeforeValidator(_rules)]
"""From a status, or ``*`` for every one, to fields by name or id, to the value that is filled in."""
