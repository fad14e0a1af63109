"""Numbers and parts of a whole, as people write them in a configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError


def _no_truth(value: object) -> object:
    """Refuse true and false where a number is due: pydantic reads `yes` as 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "a number is needed here")
    return value


def _share(value: object) -> object:
    """Read ``20%`` and ``0.2`` as the same part of a whole."""
    _no_truth(value)
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return float(value.strip()[:-1]) / 100
        except ValueError as error:
            raise PydanticCustomError("share", "a part of the whole is needed here") from error
    return value


Count = Annotated[int, BeforeValidator(_no_truth), Field(ge=0)]
Share = Annotated[
    float,
    BeforeValidator(_share),
    Field(ge=0, le=1),
    WithJsonSchema(
        {
            "title": "part of the whole",
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*(100(\.0*)?|\d{1,2}(\.\d*)?)\s*%\s*$"},
            ],
        }
    ),
]
