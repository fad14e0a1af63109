"""The shape of ``trackersync.yaml``: which keys there are, their types and their defaults.

What one key alone decides is decided here; what needs another key, the process or a connector is checked beside it.
Each key is documented here and nowhere else: schema, reference page, example and `trackersync config` are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, SecretStr, Tag, WithJsonSchema
from pydantic_settings import BaseSettings, SettingsConfigDict

from trackersync.config.amounts import Count, Share
from trackersync.config.checking import CalendarSettings, CheckSettings, SilenceEntry
from trackersync.config.part import Part
from trackersync.config.service import ServiceSettings
from trackersync.connector import Span, Words

PREFIX = "TRACKERSYNC_"
DELIMITER = "__"
STORE = "sqlite:///trackersync.db"


def _direction(value: object) -> object:
    """YAML reads a bare ``off`` as false."""
    return "off" if value is False else value


Direction = Annotated[
    str,
    BeforeValidator(_direction),
    WithJsonSchema({"title": "word", "anyOf": [{"type": "string"}, {"const": False}]}),
]


_AUTHORITY = (
    "Who decides where both differ: `changed`, the side that moved, and where both did it is a conflict; `latest`, "
    "whoever moved last; `ask`, a person, always; or a tracker's name."
)
_ADOPT = (
    "What holds where two items meet for the first time and differ: `ask`, a person decides; `authority`, the tracker "
    "that is named there; `latest`, whoever moved last"
)
_DIRECTION = "`both`, `off`, or the tracker the field comes from: that one is never written, the others follow it."


class StagePolicy(Part):
    """Who wins when trackers show different stages."""

    authority: str = Field(default="changed", description=_AUTHORITY, examples=["latest"])
    adopt: str = Field(
        default="ask",
        description=f"{_ADOPT}; `furthest`, the later stage.",
        examples=["furthest"],
    )
    direction: Direction = Field(default="both", description=_DIRECTION, examples=["both"])


class OwnersPolicy(Part):
    """Who wins when trackers show different owners, and whether finished tasks' owners are touched at all."""

    authority: str = Field(default="changed", description=_AUTHORITY, examples=["latest"])
    adopt: str = Field(default="ask", description=f"{_ADOPT}.", examples=["ask"])
    direction: Direction = Field(default="both", description=_DIRECTION, examples=["both"])
    finished: bool = Field(
        default=False, description="Whether owners of done and cancelled tasks are kept in step.", examples=[True]
    )


class Sync(Part):
    """How each field is kept in step."""

    stage: StagePolicy = Field(default=StagePolicy(), description="Who wins when trackers show different stages.")
    owners: OwnersPolicy = Field(default=OwnersPolicy(), description="Who wins when trackers show different owners.")


class Limits(Part):
    """What one rolling window may change before the guard asks."""

    changes: Count = Field(default=500, description="How many changes may be written unasked.", examples=[200])
    share: Share = Field(
        default=0.2, description="The part of all tasks that may change unasked: `20%` or `0.2`.", examples=["10%"]
    )
    adoptions: Count = Field(
        default=5000,
        description="How many changes may be written unasked where items meet for the first time; counted apart.",
        examples=[1000],
    )
    window: Span = Field(
        default=timedelta(days=1), description="The span in which all of these are counted.", examples=["12 h"]
    )
    undone: Count = Field(
        default=3,
        description="How often in a row others may undo a write before its field is left alone; 0: it is always "
        "written again.",
        examples=[2],
    )


class JournalSettings(Part):
    """What is remembered of past runs, and for how long."""

    keep: Span = Field(
        default=timedelta(days=90), description="How long past runs can be told and undone.", examples=["180 d"]
    )
    history: bool = Field(
        default=True,
        description="Whether who moved what is read from the trackers' own history: one request for each item that "
        "changed.",
        examples=[False],
    )


class PersonEntry(BaseModel):
    """One person as written; every key besides these is a tracker's name, and its value their accounts there."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1, description="What the person is called everywhere.", examples=["ada-l"])
    email: str | None = Field(
        default=None,
        description="Matches accounts of which a tracker tells a verified address.",
        examples=["ada-l@acme.example"],
    )
    roles: Words = Field(
        default_factory=list, description="Roles of the delivery process that they hold.", examples=[["engineer"]]
    )

    __pydantic_extra__: dict[str, Words]

    @property
    def accounts(self) -> Mapping[str, list[str]]:
        """Account ids by tracker's name."""
        return self.__pydantic_extra__


class PeopleFile(Part):
    """People kept in a CSV file, relative to the configuration file."""

    file: str = Field(
        description="A CSV file with the columns `name`, `email`, `roles` and one for each tracker; several values in "
        "a cell are separated by `;`.",
        examples=["people.csv"],
    )


People = Annotated[
    Annotated[list[PersonEntry], Tag("list")] | Annotated[PeopleFile, Tag("file")],
    Discriminator(lambda value: "file" if isinstance(value, dict | PeopleFile) else "list"),
]


class Settings(BaseSettings):
    """The configuration as written, defaults filled in.

    ``trackers`` holds each part as its connector's own ``TrackerSettings`` once ``load`` returns it.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    include: Words = Field(
        default_factory=list,
        description="A file or files, relative to this one, over which this one is laid: mappings key by key, lists "
        "and each stage's entry whole; a later file over an earlier one, and `null` takes away.",
        examples=["company.yaml"],
    )
    delivery: str = Field(
        default="delivery",
        min_length=1,
        description="A shipped preset, or a file of the team's own.",
        examples=["delivery", "kanban", "./process.yaml"],
    )
    trackers: dict[str, Any] = Field(
        min_length=1,
        description="By the team's name for it, each tracker.",
        repr=False,
        examples=[{"github": {"connector": "github", "repositories": ["acme/shop"], "token": "${GITHUB_TOKEN}"}}],
    )
    sync: Sync = Field(default=Sync(), description="How stages and owners are kept in step.")
    people: People = Field(
        default_factory=list,
        description="Who is who: a list of persons, or `{file: people.csv}`. Every key of a person besides `name`, "
        "`email` and `roles` is a tracker's name, and holds their account there, or a list of accounts.",
        examples=[[{"name": "ada-l", "github": "ada-l", "jira": ["5b10ac8d82e05b22cc7d4ef5"]}]],
    )
    links: list[list[str]] = Field(
        default_factory=list,
        description="Pairs of keys that are the same task.",
        examples=[[["SHOP-42", "acme/shop#17"]]],
    )
    check: CheckSettings = Field(default=CheckSettings(), description="Which rules `check` asks.")
    rules: dict[str, Any] = Field(
        default_factory=dict,
        description="By rule: a severity, `off` or `on`; or `severity`, the rule's own settings, and the same again by "
        "stage under `stages` and by repository or project under `projects`.",
        examples=[{"no-owner": "warning", "many-owners": "off"}],
    )
    silence: list[SilenceEntry] = Field(
        default_factory=list,
        description="Findings that nobody wants to hear of, with a reason and until a day.",
        examples=[[{"tasks": ["SHOP-31"], "reason": "waits for the vendor", "until": "2030-12-31"}]],
    )
    calendar: CalendarSettings = Field(
        default=CalendarSettings(), description="Which days count where a rule counts days of work."
    )
    limits: Limits = Field(default=Limits(), description="What one rolling window may change before the guard asks.")
    journal: JournalSettings = Field(
        default=JournalSettings(), description="What is remembered of past runs, and for how long."
    )
    service: ServiceSettings = Field(default=ServiceSettings(), description="How `serve` and `worker` do their work.")
    # A PostgreSQL URL may carry a password.
    store: SecretStr = Field(
        default=SecretStr(STORE),
        description="`sqlite:///FILE` or `postgresql+psycopg://…`",
        examples=["sqlite:///trackersync.db"],
    )
