"""The rules of ``check``, for people, machines and the documentation: what each finds, and how it holds for this team.

``entries`` gathers what a rulebook says of its rules; ``rules_record`` gives it to machines, and ``rules_page`` makes
``docs/rules.md``, which therefore cannot say anything else than the code does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from trackersync.core.diagnose import AnyRule, Rulebook, Standing
from trackersync.core.nearest import did_you_mean
from trackersync.core.spans import spelled
from trackersync.errors import ConfigError

OFF = "off"
ABOUT: Mapping[str, str] = {"open": "open tasks", "finished": "finished tasks", "every": "all tasks"}
"""Which tasks a rule speaks of, in words."""


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a rule: its default and its present value, both as a configuration writes them."""

    name: str
    default: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a rule holds otherwise than elsewhere: for a project, in a stage, or both.

    Attributes:
        project: the pattern of repositories or projects; None: all.
        stage: the stage; None: all.
        level: its severity there, or ``off``.
        settings: the settings that differ there, as a configuration writes them.
    """

    project: str | None
    stage: str | None
    level: str
    settings: Mapping[str, str]

    @property
    def place(self) -> str:
        """``build of acme/shop``."""
        return " of ".join(filter(None, (self.stage, self.project)))


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, and how it holds for this team.

    Attributes:
        rule: the rule.
        level: its severity, or ``off``.
        ships: the same as it ships.
        options: its settings.
        elsewhere: where it holds otherwise.
        blind: what it needs is not configured, so it sees nothing.
    """

    rule: AnyRule
    level: str
    ships: str
    options: tuple[Option, ...]
    elsewhere: tuple[Elsewhere, ...]
    blind: bool

    @property
    def configured(self) -> str:
        """What the configuration changes, in words: ``warning by default; off in backlog and ready``."""
        said = [f"{self.ships} by default"] if self.level != self.ships else []
        said += [f"{one.name} {one.value}" for one in self.options if one.value != one.default]
        alike: dict[str, list[str]] = {}
        for one in self.elsewhere:
            told = [one.level] if one.level != self.level else []
            told += [f"{name} {value}" for name, value in one.settings.items()]
            alike.setdefault(", ".join(told), []).append(one.place)
        said += [f"{told} in {_and(places)}" for told, places in alike.items()]
        return "; ".join(said)


def entries(rulebook: Rulebook, unmet: Collection[str] = ()) -> tuple[Entry, ...]:
    """All rules, family by family in their order.

    Args:
        rulebook: the rules as they hold.
        unmet: of what rules need, what is not configured.
    """
    families = {rule.family: place for place, rule in reversed(list(enumerate(rulebook.rules)))}
    ordered = sorted(rulebook.rules, key=lambda rule: families[rule.family])
    return tuple(_entry(rulebook, rule, unmet) for rule in ordered)


def named(all_: Sequence[Entry], name: str) -> Entry | tuple[Entry, ...]:
    """The rule of this name, or the rules of the family of this name.

    Raises:
        ConfigError: there is none; ``next_step`` has the nearest.
    """
    wanted = name.strip().casefold().replace("_", "-")
    for one in all_:
        if one.rule.name == wanted:
            return one
    family = tuple(one for one in all_ if one.rule.family.casefold() == wanted)
    if family:
        return family
    names = [one.rule.name for one in all_]
    raise ConfigError(f'there is no rule "{name}"', next_step=did_you_mean(wanted, names, "there are"))


def rules_record(all_: Iterable[Entry]) -> dict[str, Any]:
    """What ``trackersync rules --format json`` prints."""
    return {"rules": [rule_record(one) for one in all_]}


def rule_record(entry: Entry) -> dict[str, Any]:
    """One rule for machines."""
    rule = entry.rule
    return {
        "name": rule.name,
        "family": rule.family,
        "package": rule.package or None,
        "severity": entry.level,
        "ships": entry.ships,
        "summary": rule.summary,
        "why": rule.why,
        "fix": rule.fix,
        "place": rule.place,
        "about": rule.about,
        "over": "totals" if rule.tally else "task",
        "needs": rule.needs or None,
        "sees": not entry.blind,
        "settings": [
            {"name": one.name, "default": one.default, "value": one.value, "sentence": one.sentence}
            for one in entry.options
        ],
        "elsewhere": [
            {"project": one.project, "stage": one.stage, "severity": one.level, "settings": dict(one.settings)}
            for one in entry.elsewhere
        ],
        "example": sample(entry),
    }


def sample(entry: Entry) -> str:
    """Lines of a configuration that set a rule."""
    rule = entry.rule
    if rule.example:
        return rule.example.strip("\n")
    severity = "error" if entry.ships == OFF else "note"
    words = [f"severity: {severity}", *(f"{one.name}: {one.default}" for one in entry.options)]
    return f"rules:\n  {rule.name}: {{{', '.join(words)}}}"


def silencing(rule: AnyRule, key: str, until: str) -> str:
    """Lines of a configuration that silence a rule: for a task; one over totals in a stage.

    Args:
        rule: the rule.
        key: the key of a task.
        until: the last day.
    """
    if rule.tally is not None:
        return f"rules:\n  {rule.name}: {{stages: {{build: off}}}}"
    shown = key if "#" not in key else f'"{key}"'
    return f"silence:\n  - rules: [{rule.name}]\n    tasks: [{shown}]\n    reason: why it may stay\n    until: {until}"


def rules_page(all_: Sequence[Entry]) -> str:
    """The documentation's page on all rules, in Markdown."""
    lines = [
        "# The rules of check",
        "",
        "Made from the code by `trackersync rules --format markdown`. How rules are selected, set and silenced is in",
        "[check.md](check.md). `trackersync rules` shows how they hold for you.",
    ]
    for family in dict.fromkeys(one.rule.family for one in all_):
        lines += ["", f"**{_safe(family)}**", "", "| rule | severity | finds |", "|---|---|---|"]
        lines += [
            f"| [{one.rule.name}](#{one.rule.name}) | {one.ships} | {_cell(one.rule.summary)} |"
            for one in all_
            if one.rule.family == family
        ]
    for one in all_:
        lines += ["", rule_section(one)]
    return "\n".join(lines) + "\n"


def rule_section(entry: Entry) -> str:
    """One rule's section of that page."""
    rule = entry.rule
    level = f"off until asked for, then {rule.severity.value}" if rule.off else entry.ships
    of = f"of {ABOUT[rule.about]}{', counted together' if rule.tally else ''}"
    lines = [f"## {rule.name}", "", f"{_safe(rule.summary)} *{level}; {of}; under `{rule.place}`*", "", _safe(rule.why)]
    lines += ["", f"To do: {_safe(rule.fix)}."]
    if rule.needs:
        lines += ["", f"It sees nothing without `{rule.needs}`."]
    if entry.options:
        lines += ["", "| setting | default | |", "|---|---|---|"]
        lines += [f"| `{one.name}` | `{one.default}` | {_cell(one.sentence)} |" for one in entry.options]
    return "\n".join([*lines, "", "```yaml", sample(entry), "```"])


def _entry(rulebook: Rulebook, rule: AnyRule, unmet: Collection[str]) -> Entry:
    standing = rulebook.standing(rule)
    level, settings = _level(rule, standing), standing.settings if standing else rule.settings()
    places = dict.fromkeys((one.project, one.stage) for one in rulebook.amended(rule.name) if one.project or one.stage)
    elsewhere = []
    for project, stage in places:
        there = rulebook.standing(rule, (project,) if project else (), stage)
        differing = _differing(settings, there.settings) if there else {}
        if _level(rule, there) != level or differing:
            elsewhere.append(Elsewhere(project, stage, _level(rule, there), differing))
    return Entry(
        rule,
        level,
        OFF if rule.off else rule.severity.value,
        tuple(
            Option(
                one.name,
                word(getattr(rule.settings(), one.name)),
                word(getattr(settings, one.name)),
                one.metadata.get("sentence", ""),
            )
            for one in fields(rule.settings)
        ),
        tuple(elsewhere),
        bool(rule.needs) and rule.needs in unmet,
    )


def _level(rule: AnyRule, standing: Standing | None) -> str:
    if standing is None:
        return OFF
    return (standing.level or rule.severity).value


def _differing(one: Any, other: Any) -> dict[str, str]:  # noqa: ANN401  # a rule's settings are its own type
    names = [member.name for member in fields(one)]
    return {name: word(getattr(other, name)) for name in names if getattr(other, name) != getattr(one, name)}


def word(value: object) -> str:
    """A setting's value as a configuration writes it: ``true``, ``30 d``, ``[build, verify]``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return spelled(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value) or '""'


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _safe(text: str) -> str:
    """Prose in Markdown: a rule's words open no tag."""
    return text.replace("<", "&lt;")


def _cell(text: str) -> str:
    return _safe(text).replace("|", "\\|")
