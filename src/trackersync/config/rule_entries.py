"""``rules``: what a configuration or a process says of each rule, checked against the rule's own settings."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model, model_validator
from pydantic_core import PydanticCustomError

from trackersync.config.faults import Fault, Path
from trackersync.config.stage_rules import no_stage
from trackersync.config.wording import Shown, faults_of
from trackersync.connector.settings import Length
from trackersync.core.diagnose import Amendment, AnyRule
from trackersync.core.diagnose.rulebook import Level
from trackersync.core.model import Severity
from trackersync.core.nearest import did_you_mean
from trackersync.core.process import Process
from trackersync.core.selection import rules_named

Amendments = dict[str, tuple[Amendment, ...]]
"""By rule's name, what is said of it; later ones win."""


def _level(value: object) -> object:
    """YAML reads a bare ``off`` as false, and ``on`` as true."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _untrue(kind: Literal["int_type", "float_type"]) -> BeforeValidator:
    """Refuse true and false where a number is due: they would be 1 and 0."""

    def refuse(value: object) -> object:
        if isinstance(value, bool):
            raise PydanticCustomError(kind, "a number is needed here")
        return value

    return BeforeValidator(refuse)


_TYPES: dict[Any, Any] = {
    int: Annotated[int, _untrue("int_type"), Field(ge=0)],
    float: Annotated[float, _untrue("float_type"), Field(ge=0, allow_inf_nan=False)],
    tuple[str, ...]: Annotated[
        tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
    ],
    timedelta: Length,
}
"""How the types that settings may have are read; text, and true or false, as they are."""


class _Entry(BaseModel):
    """What is said of a rule somewhere: a word, or a mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())

    severity: Annotated[Literal["error", "warning", "note", "off", "on"], BeforeValidator(_level)] | None = Field(
        default=None, description="How severe it is; `off`: it does not hold; `on`: it does, as severe as by itself."
    )

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, value: object) -> object:
        if value is None or isinstance(value, list):
            raise PydanticCustomError("entry", "a severity or settings are needed here")
        return value if isinstance(value, Mapping | cls) else {"severity": value}


def entry_of(rule: AnyRule, *, projects: bool) -> type[BaseModel]:
    """The model of a rule's entry.

    Args:
        rule: the rule, whose settings are keys of it.
        projects: whether it may say something else of some repositories and projects.
    """
    types = get_type_hints(rule.settings)
    own: dict[str, Any] = {
        one.name: (_TYPES.get(types[one.name], types[one.name]), Field(None, description=one.metadata.get("sentence")))
        for one in fields(rule.settings)
    }

    def by(model: type[BaseModel], of: str) -> tuple[Any, Any]:
        return dict[str, model], Field(default_factory=dict, description=f"The same for some {of}.")  # type: ignore[valid-type]  # made here

    with warnings.catch_warnings():
        # A setting may be called as something that every model has, such as `copy`.
        warnings.simplefilter("ignore", UserWarning)
        least = create_model("Stage", __base__=_Entry, **own)
        staged = create_model("Project", __base__=_Entry, **own, stages=by(least, "stages"))
        if not projects:
            return staged
        return create_model("Entry", __base__=staged, projects=by(staged, "repositories and projects, by pattern"))


def amendments_of(
    entries: object,
    base: Path,
    rules: Sequence[AnyRule],
    process: Process | None,
    shown: Shown,
    *,
    projects: bool = True,
    written: Callable[[Path], bool] = lambda _: True,
) -> tuple[Amendments, list[Fault]]:
    """Read what is said of rules.

    Args:
        entries: by rule's name, a word or a mapping.
        base: where they stand.
        rules: every rule there is.
        process: whose stages there are; None where it could not be read.
        shown: what may be quoted of a scalar.
        projects: whether some repositories and projects may be spoken of.
        written: whether a key stands in the file; a variable's name has underscores, since no shell takes hyphens.
    """
    known = {rule.name: rule for rule in rules}
    found: Amendments = {}
    faults: list[Fault] = []
    for key, entry in entries.items() if isinstance(entries, Mapping) else ():
        path: Path = (*base, key)
        name = key.replace("_", "-") if key not in known and not written(path) else key
        rule = known.get(name)
        if rule is None:
            faults.append(_no_rule(key, path, rules))
            continue
        model = entry_of(rule, projects=projects)
        try:
            said = model.model_validate(entry)
        except ValidationError as error:
            faults += faults_of(error, model, path, entry, shown)
        else:
            found[name] = (*found.get(name, ()), *_amendments(said))
        faults += _stages(entry, path, process)
    return found, faults


def _no_rule(key: str, path: Path, rules: Sequence[AnyRule]) -> Fault:
    if rules_named(key, rules):
        hint = f"name each rule; to leave all of these out write check: {{ignore: [{key}]}}"
        return Fault(path, f'"{key}" is not one rule but several', hint, "key")
    return Fault(path, f'there is no rule "{key}"', did_you_mean(key, [rule.name for rule in rules]), "key")


def _stages(entry: object, path: Path, process: Process | None) -> Iterator[Fault]:
    """Stages that are named but not there, also where something else is wrong."""
    if not isinstance(entry, Mapping):
        return
    stages, projects = entry.get("stages"), entry.get("projects")
    for key in stages if isinstance(stages, Mapping) else ():
        yield from no_stage(key, (*path, "stages", key), process)
    for pattern, one in projects.items() if isinstance(projects, Mapping) else ():
        yield from _stages(one, (*path, "projects", pattern), process)


def _amendments(entry: BaseModel, project: str | None = None, stage: str | None = None) -> Iterator[Amendment]:
    """What an entry says, the more special the later."""
    said = {name: getattr(entry, name) for name in type(entry).model_fields if name in entry.model_fields_set}
    level, stages, projects = said.pop("severity", None), said.pop("stages", {}), said.pop("projects", {})
    if level is not None or said:
        yield Amendment(_read(level), said, project, stage)
    for key, one in stages.items():
        yield from _amendments(one, project, key)
    for pattern, one in projects.items():
        yield from _amendments(one, pattern)


def _read(word: str | None) -> Level | None:
    """A word as a level."""
    levels: dict[str | None, Level | None] = {
        None: None,
        "on": "on",
        "off": "off",
        **{one.value: one for one in Severity},
    }
    return levels[word]
