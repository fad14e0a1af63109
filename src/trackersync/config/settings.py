"""The shape of ``trackersync.yaml``: which keys there are, their types and their defaults.

What one key alone decides is decided here; what needs another key, the process or a connector is checked beside it.
Values come from the command line, then ``TRACKERSYNC_…`` variables, then the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from trackersync.config.checking import CalendarSettings, CheckSettings, SilenceEntry
from trackersync.config.part import Part
from trackersync.connector import Span, Words

PREFIX = "TRACKERSYNC_"
DELIMITER = "__"
STORE = "sqlite:///trackersync.db"


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


def _direction(value: object) -> object:
    """YAML reads a bare ``off`` as false."""
    return "off" if value is False else value


Count = Annotated[int, BeforeValidator(_no_truth), Field(ge=0)]
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
Direction = Annotated[str, BeforeValidator(_direction)]


_DIRECTION = "`both`, `off`, or the tracker the field comes from: that one is never written, the others follow it."


class StagePolicy(Part):
    """Who wins when trackers show different stages."""

    authority: str = Field(default="changed", description="`changed`, `latest`, `ask`, or a tracker's name.")
    adopt: str = Field(default="ask", description="At first contact: `ask`, `authority`, `furthest` or `latest`.")
    direction: Direction = Field(default="both", description=_DIRECTION)


class OwnersPolicy(Part):
    """Who wins when trackers show different owners, and whether finished tasks' owners are touched at all."""

    authority: str = Field(default="changed", description="`changed`, `latest`, `ask`, or a tracker's name.")
    adopt: str = Field(default="ask", description="At first contact: `ask`, `authority` or `latest`.")
    direction: Direction = Field(default="both", description=_DIRECTION)
    finished: bool = Field(default=False, description="Whether owners of done and cancelled tasks are kept in step.")


class Sync(Part):
    """How each field is kept in step."""

    stage: StagePolicy = StagePolicy()
    owners: OwnersPolicy = OwnersPolicy()


class Limits(Part):
    """What one rolling window may change before the guard asks.

    Attributes:
        changes: number of changes.
        share: part of all tasks that may change, 0 to 1.
        adoptions: number of changes at first contact, counted apart.
        window: the span in which all of these are counted.
        undone: how often in a row others may undo a write before its field is left alone; 0: always write again.
    """

    changes: Count = 500
    share: Share = 0.2
    adoptions: Count = 5000
    window: Span = timedelta(days=1)
    undone: Count = 3


class JournalSettings(Part):
    """What is remembered of past runs, and for how long.

    Attributes:
        keep: how long past runs can be told and undone.
        history: whether who moved what is read from the trackers' own history; one request for each item that changed.
    """

    keep: Span = timedelta(days=90)
    history: bool = True


class PersonEntry(BaseModel):
    """One person as written; every key besides these is a tracker's name, and its value their accounts there."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1)
    email: str | None = None
    roles: Words = Field(default_factory=list)

    __pydantic_extra__: dict[str, Words]

    @property
    def accounts(self) -> Mapping[str, list[str]]:
        """Account ids by tracker's name."""
        return self.__pydantic_extra__


class PeopleFile(Part):
    """People kept in a CSV file, relative to the configuration file."""

    file: str


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

    delivery: str = Field(
        default="delivery", min_length=1, description="A shipped preset, or a file of the team's own."
    )
    trackers: dict[str, Any] = Field(min_length=1, description="By the team's name for it, each tracker.", repr=False)
    sync: Sync = Sync()
    people: People = Field(default_factory=list)
    links: list[list[str]] = Field(default_factory=list, description="Pairs of keys that are the same task.")
    check: CheckSettings = CheckSettings()
    rules: dict[str, Any] = Field(
        default_factory=dict,
        description="By rule: a severity, `off` or `on`; or `severity`, the rule's own settings, and the same again by "
        "stage under `stages` and by repository or project under `projects`.",
    )
    silence: list[SilenceEntry] = Field(
        default_factory=list, description="Findings that nobody wants to hear of, with a reason and until a day."
    )
    calendar: CalendarSettings = CalendarSettings()
    limits: Limits = Limits()
    journal: JournalSettings = JournalSettings()
    # A PostgreSQL URL may carry a password.
    store: SecretStr = Field(default=SecretStr(STORE), description="`sqlite:///FILE` or `postgresql+psycopg://…`")


def sourced(value: Mapping[str, Any], environ: Mapping[str, str], merged: dict[str, Any]) -> type[Settings]:
    """The settings as one load reads them: constructor's arguments, then ``environ``, then the file's ``value``.

    Args:
        value: what the file holds.
        environ: the environment.
        merged: filled with all three laid over each other, so that trackers can be checked although another key is
            wrong.
    """

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = EnvSettingsSource(settings_cls)
            environment.env_vars = {name.lower(): text for name, text in environ.items() if text}
            return init_settings, environment, InitSettingsSource(settings_cls, dict(value))

        @model_validator(mode="before")
        @classmethod
        def note_merged(cls, raw: object) -> object:
            if isinstance(raw, dict):
                merged.update(raw)
            return raw

    return Sourced
