"""The settings every tracker has; a connector's own inherit from them and add their keys."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from trackersync.core.model import FieldName


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    list[str],
    BeforeValidator(_as_list),
    WithJsonSchema(
        {
            "title": "word or list",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        }
    ),
]
"""One word, or a list of words."""

_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d|w)\s*")
_SPANS = {"title": "span of time", "type": "string", "pattern": rf"^{_SPAN.pattern}$"}
_UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


_LONGEST = timedelta(days=36_500)
"""A hundred years: a moment that lies further away is none that a calendar can name."""


def _length(value: object) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    seconds = float(found[1]) * _UNITS[found[2]] if found is not None else 0.0
    if seconds > _LONGEST.total_seconds():
        raise PydanticCustomError("span", "a span of at most a hundred years is needed here")
    span = value if found is None else timedelta(seconds=seconds)
    if not isinstance(span, timedelta):
        raise PydanticCustomError("span", "a span of time is needed here")
    return span


def _span(value: object) -> timedelta:
    span = _length(value)
    if not span:
        raise PydanticCustomError("span", "a span of time is needed here")
    return span


Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema(_SPANS)]
"""A span of time, written ``24 h``, ``30 min``, ``90 d``, ``2 w``."""
Length = Annotated[timedelta, BeforeValidator(_length), WithJsonSchema(_SPANS)]
"""The same where there may be none: ``0 d``."""


class TrackerSettings(BaseModel):
    """What the configuration says of one tracker. A connector's settings inherit from it and add their own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    connector: str = Field(
        description="Which connector reads it: `github`, `jira`, or a plug-in's name.", examples=["github", "jira"]
    )
    url: str = Field(
        description="Where its API answers; any host and port, plain http on loopback only.",
        examples=["https://acme.atlassian.net"],
        json_schema_extra={"pattern": "^https?://"},
    )
    aliases: list[str] = Field(
        default_factory=list,
        description="Other addresses of this tracker, as found in the texts of issues.",
        examples=[["https://tracker.acme.example"]],
    )
    token: SecretStr | None = Field(
        default=None,
        description="The credential, usually `${NAME}` of an environment variable.",
        examples=["${GITHUB_TOKEN}", "${JIRA_TOKEN}"],
    )
    token_file: str | None = Field(
        default=None, description="A file that holds the credential, instead of `token`.", examples=["secrets/token"]
    )
    anonymous: bool = Field(
        default=False,
        description="Read without a credential what the tracker shows to everybody; nothing is written then.",
        examples=[True],
    )
    writes: tuple[FieldName, ...] = Field(
        default=("stage", "owners"),
        description="What may be written here: `[stage, owners]`, one of them, or `none` for a read-only tracker; of a "
        "Jira also `links`: a link on each issue to the other tracker's, with its key and address and nothing else.",
        examples=[["stage", "owners"], "none"],
    )
    pace: float | None = Field(
        default=None,
        ge=0,
        description="Seconds between two writes; by default what the vendor advises, and 0 on loopback.",
        examples=[2],
    )
    patience: Span = Field(
        default=timedelta(hours=1),
        description="How long one request may wait for the tracker's own limits before the run goes on without it.",
        examples=["30 min"],
    )
    timeout: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[60])
    full_scan: Span = Field(
        default=timedelta(days=1),
        description="How often everything is read anew, to find what was deleted or moved away in silence.",
        examples=["12 h"],
    )
    fresh: Span = Field(
        default=timedelta(seconds=60),
        description="How soon an edit made here is to be reflected elsewhere while `serve` runs; what takes longer is "
        "counted, and `service.objective` says how much of it is too much.",
        examples=["30 s"],
    )
    precedence: Words = Field(
        default_factory=list,
        description="Where a stage is looked for first, in the words of `stages`: `[board, labels]`. By default all "
        "places count alike, and two that disagree are a finding.",
        examples=[["board", "labels"], ["statuses", "labels"]],
    )
    hands_off: dict[str, Words] = Field(
        default_factory=dict,
        description="What an item shows that nobody but people may move: `{labels: [hands off]}`. Its task rests.",
        examples=[{"labels": ["hands-off"]}],
    )
    stages: dict[str, Any] = Field(
        default_factory=dict,
        description="By stage, what an item shows here when it is in that stage.",
        examples=[
            {"build": {"labels": ["stage: build"]}, "done": {"state": "closed", "reason": "completed"}},
            {"build": {"statuses": ["In Progress"]}, "done": {"statuses": ["Done"], "set": {"resolution": "Done"}}},
        ],
    )
    outcomes: dict[str, Any] = Field(
        default_factory=dict,
        description="By stage, what an item shows here once the stage's outcome is there, in the words of `stages`: "
        "`{build: {pulls: merged}}`; any entry of a list will do. A task that is further on without it is a finding.",
        examples=[{"build": {"pulls": "merged"}}, {"build": {"checklist": "ticked"}}],
    )

    @model_validator(mode="before")
    @classmethod
    def _unwritten(cls, part: object) -> object:
        """Whoever is nobody writes nothing, unless the team says otherwise, which is refused."""
        if isinstance(part, dict) and part.get("anonymous") is True and "writes" not in part:
            return {**part, "writes": []}
        return part

    @model_validator(mode="after")
    def _nobody(self) -> Self:
        if self.anonymous and (self.token is not None or self.token_file is not None):
            raise ValueError("`anonymous` is without a credential: leave it out, or take the token out")
        if self.anonymous and self.writes:
            raise ValueError("nothing can be written without a credential: leave `writes` out, or write `writes: none`")
        return self
