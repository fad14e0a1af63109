"""The delivery process for people: all its stages, one stage, or one phase beside the others; as text and as JSON.

Pure: from a process to something that rich prints, or to plain values. Nothing is wider than 100 columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trackersync.core.nearest import did_you_mean
from trackersync.core.process import Phase, Process, Stage
from trackersync.errors import ConfigError

WIDEST = 100
ABREAST = 3
"""So many phases can be read side by side; of more, only the one that was asked for is shown."""
NONE = "·"


def stages_text(process: Process, name: str | None = None) -> RenderableType:
    """What ``trackersync stages [NAME]`` prints.

    Args:
        process: the delivery process.
        name: a stage's or a phase's key or name; None for the whole process.

    Raises:
        ConfigError: nothing has this name; ``next_step`` has the nearest.
    """
    if name is None:
        return _whole(process)
    found = _found(process, name)
    return _one(process, found) if isinstance(found, Stage) else _phase(process, found)


def stages_json(process: Process, name: str | None = None) -> dict[str, object]:
    """The same under the same words as plain values; durations in days.

    Raises:
        ConfigError: nothing has this name; ``next_step`` has the nearest.
    """
    if name is not None:
        found = _found(process, name)
        return _stage_json(found) if isinstance(found, Stage) else _phase_json(process, found)
    return {
        "process": process.name,
        "phases": [_phase_json(process, phase) for phase in process.phases],
        "stages": [_stage_json(stage) for stage in process.stages],
    }


def _found(process: Process, name: str) -> Stage | Phase:
    wanted = name.strip().casefold()
    known: tuple[Stage | Phase, ...] = (*process.stages, *process.phases)
    for one in known:
        if wanted in {one.key.casefold(), one.name.casefold()}:
            return one
    hint = did_you_mean(name, [one.key for one in known], "known here")
    raise ConfigError(f'`{process.name}` has no stage and no phase "{name}"', next_step=hint)


def _whole(process: Process) -> RenderableType:
    table = _table()
    table.add_column("stage", no_wrap=True)
    table.add_column("category", no_wrap=True)
    table.add_column("roles", max_width=18)
    table.add_column("days", justify="right", no_wrap=True)
    table.add_column("outcome", max_width=44)
    phases = {phase.key: phase for phase in process.phases}
    current = ""
    for stage in process.stages:
        if stage.phase != current:
            if table.row_count:
                table.add_row()
            current = stage.phase
            if current in phases:
                table.add_row(Text(phases[current].name.lower(), style="bold"))
        table.add_row(*(Text(cell) for cell in _cells(stage, indented=bool(process.phases))))
    return Group(Text(_title(process)), "", table)


def _title(process: Process) -> str:
    title = f"{process.name}    {len(process.stages)} stages"
    if process.phases:
        names = [phase.name.lower() for phase in process.phases]
        title += f" in {len(names)} phases: {', '.join(names)}" if len(names) > 1 else f" in 1 phase: {names[0]}"
    return title


def _cells(stage: Stage, *, indented: bool) -> tuple[str, str, str, str, str]:
    key = f"  {stage.key}" if indented else stage.key
    days = f"{stage.expected:g}" if stage.expected is not None else NONE
    return key, stage.category, _roles(stage), days, stage.outcome or NONE


def _one(process: Process, stage: Stage) -> RenderableType:
    table = _table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(max_width=WIDEST - 20)
    keys = [one.key for one in process.stages]
    place = process.order[stage.key]
    phase = next((one.name.lower() for one in process.phases if one.key == stage.phase), "")
    rows = {
        "phase": phase or NONE,
        "category": stage.category,
        "roles": _roles(stage),
        "method": stage.method or NONE,
        "outcome": stage.outcome or NONE,
        "expected": f"{stage.expected:g} d" if stage.expected is not None else NONE,
        "before it": keys[place - 1] if place else NONE,
        "after it": keys[place + 1] if place + 1 < len(keys) and not stage.finished else NONE,
    }
    for word, value in rows.items():
        table.add_row(Text(word), Text(value))
    title = f"{_named(stage)}    stage {place + 1} of {len(keys)} of `{process.name}`"
    return Group(Text(title), "", table)


def _phase(process: Process, phase: Phase) -> RenderableType:
    """A phase with the others beside it, trait by trait, in the order of its own traits."""
    others = [one for one in process.phases if one is not phase]
    shown = [phase, *others] if len(others) < ABREAST else [phase]
    table = _table()
    table.add_column("", no_wrap=True)
    for one in shown:
        table.add_column(Text(one.name.lower()), max_width=(WIDEST - 26) // len(shown), ratio=1)
    for trait in dict.fromkeys(word for one in shown for word in one.traits):
        table.add_row(Text(trait), *(Text(" ".join(one.traits.get(trait, NONE).split())) for one in shown))
        table.add_row()
    table.add_row(Text("stages"), *(Text(", ".join(_keys(process, one)) or NONE) for one in shown))
    beside = f", beside {' and '.join(one.name.lower() for one in shown[1:])}" if shown[1:] else ""
    place = process.phases.index(phase) + 1
    title = f"{_named(phase)}    phase {place} of {len(process.phases)} of `{process.name}`{beside}"
    return Group(Text(title), "", table)


def _named(one: Stage | Phase) -> str:
    """Its key, and its name where that says more."""
    return one.key if one.name.casefold() == one.key.casefold() else f"{one.key} ({one.name})"


def _keys(process: Process, phase: Phase) -> Sequence[str]:
    return [stage.key for stage in process.stages if stage.phase == phase.key]


def _table(*, header: bool = True) -> Table:
    return Table(box=None, show_header=header, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))


def _roles(stage: Stage) -> str:
    return ", ".join(stage.roles) or NONE


def _stage_json(stage: Stage) -> dict[str, object]:
    return {
        "key": stage.key,
        "name": stage.name,
        "phase": stage.phase or None,
        "category": stage.category,
        "roles": list(stage.roles),
        "method": stage.method,
        "outcome": stage.outcome,
        "expected_days": stage.expected,
    }


def _phase_json(process: Process, phase: Phase) -> dict[str, object]:
    traits: Mapping[str, str] = {word: " ".join(text.split()) for word, text in phase.traits.items()}
    return {"key": phase.key, "name": phase.name, "traits": traits, "stages": list(_keys(process, phase))}
