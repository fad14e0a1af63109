"""Where values come from: the command line, then ``TRACKERSYNC_…`` variables, then the files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource, PydanticBaseSettingsSource
from rapidfuzz.distance import OSA

from trackersync.config.faults import Fault, Path
from trackersync.config.settings import DELIMITER, PREFIX, Settings
from trackersync.core.nearest import nearest


class _Environment(EnvSettingsSource):
    """``TRACKERSYNC_…`` variables; a list of words may be written ``a,b`` instead of as JSON.

    Attributes:
        unread: filled, on reading, with the variables that are not the JSON they should be, in small letters.
    """

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self.env_vars = {name.lower(): text for name, text in environ.items() if text}
        self.unread: set[str] = set()

    def decode_complex_value(self, field_name: str, field: FieldInfo | None, value: object) -> object:
        """A list or mapping that stands in a variable; the text itself where it is neither JSON nor words.

        Raises:
            ValueError: of a key that holds anything, for pydantic to take it as the text that it is.
        """
        try:
            # Of a key that holds anything, such as a tracker's, there is no field, and pydantic says that there is one.
            return super().decode_complex_value(field_name, field, value)  # type: ignore[arg-type]
        except ValueError:
            if not isinstance(field, FieldInfo):
                raise
            words = words_of(value, field)
            if words is None:
                # Pydantic would name neither the variable nor the others that are wrong.
                ends = (f"{PREFIX}{field_name}".lower(), f"{DELIMITER}{field_name}".lower())
                self.unread |= {name for name, text in self.env_vars.items() if text == value and name.endswith(ends)}
                return value
            return words

    def explode_env_vars(self, field_name: str, field: FieldInfo, env_vars: Mapping[str, str | None]) -> dict[str, Any]:
        """What variables say of keys below this one; a whole tracker or rule may be JSON, which pydantic leaves."""
        found = super().explode_env_vars(field_name, field, env_vars)
        if get_origin(field.annotation) is dict:
            for key, value in found.items():
                if isinstance(value, str) and value.lstrip().startswith("{"):
                    found[key] = self.decode_complex_value(f"{field_name}{DELIMITER}{key}", field, value)
        return found


def words_of(value: object, field: FieldInfo) -> list[str] | None:
    """The words that a variable's text writes between commas, where the field is a list of words; else None."""
    if not isinstance(value, str) or value.strip()[:1] in ("[", "{") or not _wordy(field.annotation):
        return None
    return [word.strip() for word in value.split(",") if word.strip()]


def _wordy(annotation: object) -> bool:
    """Whether it is a list of texts, or may be one."""
    inner = get_args(annotation)
    if get_origin(annotation) in (list, tuple):
        return all(one in (str, SecretStr, Ellipsis) or get_origin(one) in (Annotated, Literal) for one in inner)
    return any(_wordy(one) for one in inner)


def overridden(environ: Mapping[str, str]) -> dict[Path, str]:
    """What variables override, by path in small letters, as pydantic-settings reads them.

    Of a mapping that is written as JSON, each value in it: the file's others stay beside it.
    """
    found: dict[Path, str] = {}
    for name, path in _variables(environ):
        field = Settings.model_fields.get(path[0])
        if field is not None:
            found |= dict.fromkeys(_leaves(_read(environ[name], field), path), name)
    return found


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every variable of ours that is not empty, and the path that it names."""
    for name, text in environ.items():
        if text and name.upper().startswith(PREFIX):
            yield name, tuple(name[len(PREFIX) :].casefold().split(DELIMITER))


def _read(text: str, field: FieldInfo) -> object:
    if field.annotation in (str, SecretStr):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _leaves(value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key).casefold()))
    else:
        yield path


def strays(environ: Mapping[str, str]) -> dict[str, Fault]:
    """By name, the variables that look like settings and are none, so that nobody believes that they hold.

    One without two underscores may be another program's: it is ours where it is one letter off a key, or has one
    underscore too few.
    """
    single = {f"{top}_{key}": f"{top}{DELIMITER}{key}" for top, model in _sections() for key in model.model_fields}
    found: dict[str, Fault] = {}
    for name, path in _variables(environ):
        top = path[0]
        if top in Settings.model_fields:
            continue
        if len(path) > 1:
            meant, said = nearest(top, Settings.model_fields), f'there is no section "{top}"'
        else:
            off = [one for one in Settings.model_fields if OSA.distance(top, one) == 1]
            meant, said = single.get(top) or (off[0] if off else None), f'there is no key "{top}"'
            if meant is None:
                continue
        whole = DELIMITER.join((meant, *path[1:])) if meant else ""
        hint = f'did you mean "{PREFIX}{whole.upper()}"?' if whole else "unset it: trackersync reads no such variable"
        found[name] = Fault(path, said, hint, "key")
    return found


def _sections() -> Iterator[tuple[str, type[BaseModel]]]:
    for top, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield top, field.annotation


def unreadable(environ: Mapping[str, str]) -> dict[str, Fault]:
    """By name, the variables that should be JSON and are not. Their values are not part of what is said."""
    source = _Environment(Settings, environ)
    source()
    hint = "correct it, or set single keys by variables"
    return {
        name: Fault(path, "this is not the JSON it should be", hint)
        for name, path in _variables(environ)
        if name.lower() in source.unread
    }


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
            environment = _Environment(settings_cls, environ)
            return init_settings, environment, InitSettingsSource(settings_cls, dict(value))

        @model_validator(mode="before")
        @classmethod
        def note_merged(cls, raw: object) -> object:
            if isinstance(raw, dict):
                merged.update(raw)
            return raw

    return Sourced
