"""The rules of check as a configuration has them hold: the process's word, the team's, what is picked and silenced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from trackersync.config.calendar import calendar_of
from trackersync.config.checking import SilenceEntry
from trackersync.config.faults import Fault, Path
from trackersync.config.origin import Origin
from trackersync.config.rule_entries import Amendments, amendments_of
from trackersync.config.selection import picked, spots
from trackersync.config.settings import Settings
from trackersync.config.stage_rules import no_stage
from trackersync.config.wording import Shown
from trackersync.core.diagnose import Amendment, AnyRule, Rulebook, Silence
from trackersync.core.process import Process

_OFF, _ON = Amendment("off", picked=True), Amendment("on", picked=True)
_SCOPES = ("rules", "tasks", "labels", "projects", "stages")


def rulebook_of(
    merged: Mapping[str, object],
    settings: Settings,
    rules: Sequence[AnyRule],
    process: Process | None,
    *,
    proposed: Amendments,
    origin: Origin,
) -> tuple[Rulebook, list[Fault]]:
    """The rulebook, and everything that is wrong with what makes it.

    Args:
        merged: the configuration as read, so that each part is checked whatever is wrong elsewhere.
        settings: the same by its models; of a section with a mistake, its default.
        rules: every rule there is.
        process: the delivery process; None where it could not be read.
        proposed: what the process itself says of rules.
        origin: where values stand, and what may be quoted of them.
    """
    written, faults = amendments_of(
        merged.get("rules"), ("rules",), rules, process, origin.shown, written=origin.document.keys.__contains__
    )
    selected, wrong = _picked(merged, rules, origin.shown)
    silences, loud = _silences(merged.get("silence"), settings.silence, rules, process, origin)
    calendar, undated = calendar_of(settings.calendar, origin.shown)
    faults += [*wrong, *loud, *undated]
    names = dict.fromkeys(chain(proposed, written, selected))
    amendments = {name: _said(name, proposed, written, selected) for name in names}
    return Rulebook(rules, amendments, silences=silences, calendar=calendar), faults


def _said(
    name: str, proposed: Amendments, written: Amendments, selected: Mapping[str, Amendment]
) -> tuple[Amendment, ...]:
    """All that is said of a rule: what turns it on comes first, since more is said of it; what turns it off, last.

    What a process says of some stages holds besides what the team says of all: whoever makes `no-owner` a warning does
    not ask for owners in a backlog that needs none. Whoever turns a rule off means all stages.
    """
    usual, special = _apart(proposed.get(name, ()))
    every, some = _apart(written.get(name, ()))
    said = (*usual, *every, *(() if any(one.level == "off" for one in every) else special), *some)
    mark = selected.get(name)
    if mark is None:
        return said
    return (mark, *said) if mark is _ON else (*said, mark)


def _apart(said: Sequence[Amendment]) -> tuple[tuple[Amendment, ...], tuple[Amendment, ...]]:
    """What is said of all tasks, and what of some."""
    scoped = [one.stage is not None or one.project is not None for one in said]
    return (
        tuple(one for one, some in zip(said, scoped, strict=True) if not some),
        tuple(one for one, some in zip(said, scoped, strict=True) if some),
    )


def _picked(
    merged: Mapping[str, object], rules: Sequence[AnyRule], shown: Shown
) -> tuple[dict[str, Amendment], list[Fault]]:
    """What ``check`` turns on and off."""
    check = merged.get("check")
    if not isinstance(check, Mapping):
        return {}, []
    selected, faults = picked(check.get("select"), ("check", "select"), rules, shown)
    ignored, wrong = picked(check.get("ignore"), ("check", "ignore"), rules, shown)
    found: dict[str, Amendment] = {}
    for rule in rules:
        if rule.name in ignored or (selected and rule.name not in selected):
            found[rule.name] = _OFF
        elif rule.off and selected.get(rule.name) == rule.name:
            found[rule.name] = _ON
    return found, [*faults, *wrong]


def _silences(
    entries: object, sound: Sequence[SilenceEntry], rules: Sequence[AnyRule], process: Process | None, origin: Origin
) -> tuple[tuple[Silence, ...], list[Fault]]:
    """The silences, and what is wrong with them beyond their shape."""
    faults: list[Fault] = []
    picks: list[tuple[str, ...]] = []
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        path: Path = ("silence", place)
        names: dict[str, str] = {}
        if isinstance(entry, Mapping):
            names, wrong = picked(entry.get("rules"), (*path, "rules"), rules, origin.shown)
            faults += [*wrong, *_unscoped(entry, path), *_of_totals(entry, path, rules)]
            for spot, word in spots(entry.get("stages"), (*path, "stages")):
                faults += no_stage(word, spot, process, "value")
        picks.append(tuple(names))
    return tuple(
        Silence(
            picks[place],
            entry.reason,
            entry.until,
            tuple(entry.tasks or ()),
            tuple(entry.labels or ()),
            tuple(entry.projects or ()),
            tuple(entry.stages or ()),
            origin.source(("silence", place)),
        )
        for place, entry in enumerate(sound)
    ), faults


def _unscoped(entry: Mapping[str, object], path: Path) -> Iterator[Fault]:
    """An entry that names nothing; one with an unknown key names something that is misspelled."""
    if not set(_SCOPES) & entry.keys() and not entry.keys() - SilenceEntry.model_fields.keys():
        yield Fault(path, "this would silence everything", f"add {', '.join(_SCOPES[:-1])} or {_SCOPES[-1]}", "key")


def _of_totals(entry: Mapping[str, object], path: Path, rules: Sequence[AnyRule]) -> Iterator[Fault]:
    """The rules of an entry that speak of no task, so that no silence reaches them."""
    counting = {rule.name for rule in rules if rule.tally is not None}
    for spot, word in spots(entry.get("rules"), (*path, "rules")):
        name = word.strip().casefold()
        if name in counting:
            hint = f"write rules: {{{name}: off}}, for some stages or for all"
            yield Fault(spot, f"`{name}` counts tasks together, and no silence reaches it", hint)
