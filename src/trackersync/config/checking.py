"""The shape of what a configuration says of ``check``: which rules hold, what is silenced, and which days count."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from trackersync.config.part import Part
from trackersync.connector import Words

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of a week by their short names, Monday first."""
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: object) -> date:
    """Read ``2026-12-31``, and nothing that is longer or only looks like a day."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:  # the 30th of February
            pass
    raise PydanticCustomError("day", "a day is needed here")


def _weekday(value: object) -> object:
    """Read ``Saturday`` as ``sat``."""
    folded = value.casefold() if isinstance(value, str) else value
    return WEEK[_LONG.index(folded)] if isinstance(folded, str) and folded in _LONG else folded


def _any_case(word: str) -> str:
    """A pattern of the word in any case."""
    return "".join(f"[{char}{char.upper()}]" for char in word)


Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"title": "day", "type": "string", "pattern": f"^{_DAY.pattern}$"})
]
Weekday = Annotated[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], BeforeValidator(_weekday)]
_WEEKDAY = {
    "anyOf": [
        {"enum": list(WEEK)},
        {"type": "string", "pattern": f"^({'|'.join(map(_any_case, (*WEEK, *_LONG)))})$"},
    ]
}
_WEEKEND = {"title": "word or list", "anyOf": [_WEEKDAY, {"type": "array", "items": _WEEKDAY}]}
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Some = Annotated[
    list[_Text],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
    WithJsonSchema(
        {
            "title": "word or list",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
            ],
        }
    ),
]
"""One word or several, but not none: an empty list would mean everything to one reader and nothing to another."""


class CheckSettings(Part):
    """Which rules `check` asks."""

    select: _Some | None = Field(
        default=None,
        description="Rules, families or patterns such as `owner-*`; only these are asked, and one that is off by "
        "itself is asked where it is named. By default all that are on.",
        examples=[["ownership", "stages"]],
    )
    ignore: Words = Field(
        default_factory=list,
        description="Rules, families or patterns that are never asked, whatever else is said.",
        examples=[["many-handoffs"]],
    )


class SilenceEntry(Part):
    """Findings that nobody wants to hear of for a while; everything that an entry names must hold."""

    rules: _Some | None = Field(
        default=None, description="Rules, families or patterns; by default every rule.", examples=[["no-owner"]]
    )
    tasks: _Some | None = Field(
        default=None, description="Keys of tasks: `[SHOP-31, acme/shop#17]`.", examples=[["SHOP-31", "acme/shop#17"]]
    )
    labels: _Some | None = Field(
        default=None, description="Labels, one of which an item of the task bears.", examples=[["someday"]]
    )
    projects: _Some | None = Field(
        default=None, description="Repositories and projects, or patterns: `acme/*`.", examples=[["acme/*"]]
    )
    stages: _Some | None = Field(default=None, description="Stages that the task may be in.", examples=[["idea"]])
    reason: _Text = Field(description="Why; it is shown with what is silenced.", examples=["waits for the vendor"])
    until: Day = Field(
        description="The last day it holds. `check` tells of an entry whose day is past.", examples=["2030-12-31"]
    )


class CalendarSettings(Part):
    """Which days count where a rule counts days of work."""

    weekend: Annotated[list[Weekday], WithJsonSchema(_WEEKEND)] = Field(
        default=["sat", "sun"],
        description="Days of the week that do not count; `[]`: all count.",
        examples=[["fri", "sat"]],
    )
    holidays: list[Day] = Field(
        default_factory=list, description="Further days that do not count.", examples=[["2026-12-24"]]
    )
    country: _Text | None = Field(
        default=None,
        description="A country whose public holidays do not count, or a part of one: `DE`, `DE-BY`.",
        examples=["DE-BY"],
    )
    zone: _Text = Field(
        default="UTC", description="Where days begin and end: `Europe/Berlin`.", examples=["Europe/Berlin"]
    )

    @field_validator("weekend", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("weekend")
    @classmethod
    def _worked(cls, days: list[str]) -> list[str]:
        if len(set(days)) == len(WEEK):
            raise PydanticCustomError("week", "a week of which no day counts")
        return days
