"""The delivery process as a file: a shipped preset (``delivery``, ``kanban``, ``scrum``) or the team's own.

A process file names its stages in order, each with a category; everything else tells people what the stage is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from trackersync.config.document import Document, read, shown
from trackersync.config.faults import Fault
from trackersync.config.origin import Origin, refusal, text_of
from trackersync.config.rule_entries import Amendments, amendments_of
from trackersync.config.wording import faults_of
from trackersync.connector import Words
from trackersync.core.diagnose import AnyRule
from trackersync.core.nearest import did_you_mean
from trackersync.core.process import FINISHED, Category, Phase, Process, Stage
from trackersync.errors import ConfigError, Problem

SHIPPED = "_config"
"""The package's folder that holds ``config/`` in an installed distribution."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(d|days?|w|weeks?)")
_DURATIONS = {
    "title": "days",
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": rf"^\s*{_DURATION.pattern}\s*$"},
        {"type": "null"},
    ],
}


def shipped() -> Traversable:
    """The folder of presets and examples: inside an installed package, or the checkout's ``config/``."""
    package = files("trackersync")
    installed = package / SHIPPED
    return installed if installed.is_dir() else File(str(package)).parents[1] / "config"


def presets() -> tuple[str, ...]:
    """The names of the shipped processes, the default first."""
    names = {entry.name.removesuffix(".yaml") for entry in shipped().iterdir() if entry.name.endswith(".yaml")}
    return tuple(sorted(names, key=lambda name: (name != "delivery", name)))


def process(name: str, folder: File | None = None, rules: Sequence[AnyRule] | None = None) -> Process:
    """The process of this name.

    Args:
        name: a preset's name, or a file's: with a folder or ending in ``.yaml`` or ``.yml``.
        folder: what a relative file name is relative to; by default the working directory.
        rules: every rule there is; without them, what it says of rules is not looked at.

    Raises:
        ConfigError: there is none of this name, or it cannot be used; ``problems`` says where and why.
    """
    found, _, problems = loaded(name, folder or File.cwd(), rules)
    if found is None:
        raise refusal(problems)
    return found


def loaded(
    name: str, folder: File, rules: Sequence[AnyRule] | None = None
) -> tuple[Process | None, Amendments, tuple[Problem, ...]]:
    """The process, or None and why there is none; and what it says of the rules of check.

    Args:
        name: a preset's name, or a file's.
        folder: what a relative file name is relative to.
        rules: every rule there is; without them, what it says of rules is not looked at.

    Raises:
        ConfigError: no preset and no file has this name.
    """
    text, file, title = _source(name, folder)
    document = read(text, file)
    problem = Origin(document).problems
    if not isinstance(document.value, Mapping):
        shapeless = Fault((), "a process file is a mapping with `stages`", "write stages: …")
        return None, {}, problem(document.faults or (shapeless,))
    found, faults = _parsed(document.value, document, title)
    amendments: Amendments = {}
    if rules is not None:
        quoted = partial(shown, document)
        said = document.value.get("rules")
        amendments, wrong = amendments_of(said, ("rules",), rules, found, quoted, projects=False)
        faults += wrong
    return (None, {}, problem(faults)) if faults else (found, amendments, ())


def _source(name: str, folder: File) -> tuple[str, str, str]:
    """The text of a process, the file's name for people, and the process's name unless it says another."""
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        return text_of(folder / name, name, "the process file"), name, File(name).stem
    if name not in presets():
        raise ConfigError(
            f'there is no delivery process "{name}"',
            next_step=f"{did_you_mean(name, presets(), 'shipped')}; a file of your own ends in .yaml",
        )
    return (shipped() / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml", name


def _days(value: object) -> object:
    """Read ``10 d`` and ``2 w`` as days; a bare number is days already."""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if isinstance(value, bool) or (isinstance(value, str) and match is None):
        raise PydanticCustomError("duration", "a duration is needed here")
    return float(match[1]) * (7 if match[2].startswith("w") else 1) if match else value


class StageEntry(BaseModel):
    """One stage of a process's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(default="", description="What people call it; by default its key.", examples=["Build"])
    phase: str = Field(default="", description="The phase it belongs to, one of `phases`.", examples=["development"])
    category: Category = Field(
        description="What it means to a tracker: `backlog`, `started`, `done` or `cancelled`.", examples=["started"]
    )
    method: str = Field(default="", description="How the work is done.", examples=["write code, and test it"])
    outcome: str = Field(default="", description="What is there at its end.", examples=["code merged, tests green"])
    roles: Words = Field(
        default_factory=list, description="The roles that own it, one of which an owner holds.", examples=[["engineer"]]
    )
    expected: Annotated[float | None, BeforeValidator(_days), Field(gt=0), WithJsonSchema(_DURATIONS)] = Field(
        default=None, description="How long a task is expected to stay in it: `10 d`, `2 w`.", examples=["10 d"]
    )


class ProcessFile(BaseModel):
    """A process's file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(default="", description="What the process is called; by default as its file.", examples=["ours"])
    phases: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="By key, each phase's `name`, and whatever else is to be told of it: `{focus: …}`.",
        examples=[{"development": {"name": "Development", "focus": "building the right thing"}}],
    )
    stages: dict[str, StageEntry] = Field(
        min_length=1,
        description="By key and in order, each stage. Open ones come first, and one at least has category `done`.",
        examples=[{"build": {"category": "started", "roles": ["engineer"]}, "done": {"category": "done"}}],
    )
    rules: dict[str, Any] = Field(
        default_factory=dict,
        description="What the process expects of the rules of check: as `rules` of a configuration, which has the last "
        "word, but without `projects`.",
        examples=[{"no-owner": {"stages": {"build": "error"}}}],
    )


def _parsed(value: Mapping[str, object], document: Document, title: str) -> tuple[Process | None, list[Fault]]:
    faults = list(document.faults)
    try:
        written = ProcessFile.model_validate(value)
    except ValidationError as error:
        return None, faults + faults_of(error, ProcessFile, (), value, lambda path: shown(document, path))
    faults += _unsound(written)
    phases = tuple(
        Phase(key, traits.get("name") or _title(key), {name: text for name, text in traits.items() if name != "name"})
        for key, traits in written.phases.items()
    )
    stages = tuple(_stage(key, entry) for key, entry in written.stages.items())
    return Process(written.name or title, stages, phases), faults


def _stage(key: str, entry: StageEntry) -> Stage:
    return Stage(
        key,
        entry.name or _title(key),
        entry.phase,
        entry.category,
        " ".join(entry.method.split()),
        " ".join(entry.outcome.split()),
        tuple(entry.roles),
        entry.expected,
    )


def _title(key: str) -> str:
    return key[:1].upper() + key[1:]


def _unsound(written: ProcessFile) -> list[Fault]:
    """What no single key shows: where a process starts and ends, and phases that are named but not there."""
    faults: list[Fault] = []
    keys = list(written.stages)
    finished = [entry.category in FINISHED for entry in written.stages.values()]
    if finished[0]:
        faults.append(
            Fault(("stages", keys[0]), "the first stage is finished, but new tasks start there", "put it last", "key")
        )
    if not any(entry.category == "done" for entry in written.stages.values()):
        faults.append(Fault(("stages",), "no stage has category done", "add done: {category: done}"))
    for place, key in enumerate(keys):
        entry = written.stages[key]
        if place and not finished[place] and finished[place - 1]:
            faults.append(Fault(("stages", key), "an open stage after a finished one", f'put "{key}" before it', "key"))
        if entry.phase and entry.phase not in written.phases:
            hint = did_you_mean(entry.phase, written.phases, "phases") or "add it under phases:"
            faults.append(Fault(("stages", key, "phase"), f'there is no phase "{entry.phase}"', hint))
    return faults
