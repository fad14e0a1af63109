"""How two configurations differ, in a few words a part: what people changed, as they would say it.

Secrets are compared and never told; of what only a connector understands the key alone is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel, SecretStr

from trackersync.config import Configuration
from trackersync.connector import TrackerSettings
from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts
from trackersync.core.process import Process
from trackersync.core.words import listed
from trackersync.report.names import count
from trackersync.report.rules import Entry, entries, word

_TOLD = frozenset({"connector", "url", "aliases", "writes", "hands_off", "precedence", "stages", "outcomes"})
"""Settings of every tracker that have words of their own here."""
_QUIET = frozenset({"token", "token_file", "pace", "patience", "timeout", "full_scan"})
"""Settings that change how a tracker is asked, and nothing of what is found or written."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the configuration that differs, and how: ``jira build``, ``status In Progress → status Doing``."""

    part: str
    words: str


def differences(old: Configuration, new: Configuration) -> tuple[Difference, ...]:
    """How a changed configuration differs from the present one; nothing where they say the same.

    Args:
        old: the present one.
        new: the changed one.
    """
    same = _stages(old.process) == _stages(new.process)
    found = [] if same else [Difference("delivery", f"{_process(old.process)} → {_process(new.process)}")]
    if same and old.process != new.process:
        found.append(Difference("delivery", "its stages are the same; their times, roles or outcomes are otherwise"))
    for name in dict.fromkeys((*old.trackers, *new.trackers)):
        found += _tracker(name, old, new, same=same)
    for field in ("stage", "owners"):
        found += _model(f"sync.{field}", getattr(old.settings.sync, field), getattr(new.settings.sync, field))
    found += _people(old, new)
    found += _number("links", len(set(old.links) - set(new.links)), len(set(new.links) - set(old.links)), "pair")
    found += _rules(old, new)
    found += _model("limits", old.settings.limits, new.settings.limits)
    return tuple(found)


def _stages(process: Process) -> list[tuple[str, str]]:
    return [(stage.key, stage.category) for stage in process.stages]


def _process(process: Process) -> str:
    return f"{process.name}, {count(len(process.stages), 'stage')}"


def _tracker(name: str, old: Configuration, new: Configuration, *, same: bool) -> list[Difference]:
    if name not in new.trackers:
        return [Difference(name, "is not configured any more: its items are looked at no more")]
    if name not in old.trackers:
        return [Difference(name, "is new")]
    was, now = old.trackers[name], new.trackers[name]
    found = [
        Difference(f"{name} {key}", f"{getattr(was, key)} → {getattr(now, key)}{more}")
        for key, more in (("connector", ""), ("url", "; what was read at the old one is judged"))
        if getattr(was, key) != getattr(now, key)
    ]
    key = new.plugins[name].containers_key
    found += _sets(f"{name} {key}", old.plugins[name].containers(was), new.plugins[name].containers(now))
    found += _mapping(name, old.rules[name], new.rules[name], same=same)
    found += _sets(f"{name} writes", was.writes, now.writes)
    for key, one, other in (
        ("hands_off", old.hands_off.get(name, {}), new.hands_off.get(name, {})),
        ("precedence", was.precedence, now.precedence),
        ("outcomes", old.outcomes.get(name, {}), new.outcomes.get(name, {})),
        ("aliases", sorted(was.aliases), sorted(now.aliases)),
    ):
        if one != other:
            found.append(Difference(f"{name} {key}", "otherwise"))
    others = [key for key in _others(was, now) if key != new.plugins[name].containers_key]
    if others:
        what = "what that changes is seen when the tracker is read; here what was read before is judged"
        found.append(Difference(f"{name} {', '.join(others)}", f"otherwise; {what}"))
    return found


def _others(was: TrackerSettings, now: TrackerSettings) -> Iterable[str]:
    """The keys of a connector's own that differ, but for credentials."""
    keys = dict.fromkeys((*type(was).model_fields, *type(now).model_fields))
    for key in keys:
        if key not in _TOLD | _QUIET:
            one, other = getattr(was, key, None), getattr(now, key, None)
            if one != other and not _secret(one) and not _secret(other):
                yield key


def _secret(value: object) -> bool:
    return isinstance(value, SecretStr) or (isinstance(value, list) and any(map(_secret, value)))


def _mapping(name: str, old: Iterable[StageRule], new: Iterable[StageRule], *, same: bool) -> list[Difference]:
    was, now = _by_stage(old), _by_stage(new)
    if was == now:
        return []
    if not same:
        # Of another process every stage is another: two lists side by side would say less than their sizes.
        sizes = [sum(map(len, one.values())) for one in (was, now)]
        return [Difference(f"{name} stages", " → ".join(map(_entries, sizes)))]
    return [
        Difference(f"{name} {stage}", f"{_spelled(was.get(stage))} → {_spelled(now.get(stage))}")
        for stage in dict.fromkeys((*was, *now))
        if was.get(stage) != now.get(stage)
    ]


def _by_stage(rules: Iterable[StageRule]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for rule in rules:
        found.setdefault(rule.stage, []).append((_facts(rule.when), _facts(rule.sets)))
    return found


def _facts(facts: Facts) -> str:
    return ", ".join(f"{fact} {' or '.join(values) or 'none'}" for fact, values in facts.items())


def _spelled(rules: list[tuple[str, str]] | None) -> str:
    if rules is None:
        return "nothing"
    return "; ".join(f"{when}{f' (sets {sets})' if sets else ''}" for when, sets in rules)


def _sets(part: str, old: Iterable[str], new: Iterable[str]) -> list[Difference]:
    was, now = list(dict.fromkeys(old)), list(dict.fromkeys(new))
    if set(was) == set(now):
        return []
    signs = [*(f"+ {one}" for one in now if one not in was), *(f"- {one}" for one in was if one not in now)]
    return [Difference(part, ", ".join(signs))]


def _model(part: str, old: BaseModel, new: BaseModel) -> list[Difference]:
    words = [
        f"{key} {_value(key, getattr(old, key))} → {_value(key, getattr(new, key))}"
        for key in type(new).model_fields
        if getattr(old, key) != getattr(new, key)
    ]
    return [Difference(part, ", ".join(words))] if words else []


def _value(key: str, value: object) -> str:
    return f"{100 * value:.3g} %" if key == "share" and isinstance(value, float) else word(value)


def _people(old: Configuration, new: Configuration) -> list[Difference]:
    was, now = ({one.name: one for one in side.people} for side in (old, new))
    told = [
        *(f"+ {name}" for name in now if name not in was),
        *(f"- {name}" for name in was if name not in now),
        *(f"{name} otherwise" for name in now if name in was and now[name] != was[name]),
    ]
    more = f", {len(told) - 5} more" if len(told) > 5 else ""
    return [Difference("people", ", ".join(told[:5]) + more)] if told else []


def _number(part: str, gone: int, added: int, noun: str) -> list[Difference]:
    told = [f"{sign} {count(number, noun)}" for sign, number in (("+", added), ("-", gone)) if number]
    return [Difference(part, ", ".join(told))] if told else []


def _rules(old: Configuration, new: Configuration) -> list[Difference]:
    was, now = (_held(side) for side in (old, new))
    found = [
        Difference(name, _rule(was[name], now[name]))
        for name in now
        if name in was and _standing(was[name]) != _standing(now[name])
    ]
    # Where a silence is written differs from file to file, and is no part of what it says.
    silences = [[replace(one, where="") for one in side.rulebook.silences] for side in (old, new)]
    if silences[0] != silences[1]:
        found.append(Difference("silence", " → ".join(_entries(len(some)) for some in silences)))
    if old.settings.calendar != new.settings.calendar:
        found.append(Difference("calendar", "otherwise"))
    return found


def _entries(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def _held(side: Configuration) -> Mapping[str, Entry]:
    return {one.rule.name: one for one in entries(side.rulebook)}


def _standing(entry: Entry) -> tuple[object, ...]:
    return entry.level, entry.options, entry.elsewhere


def _rule(was: Entry, now: Entry) -> str:
    told = [f"{was.level} → {now.level}"] if was.level != now.level else []
    before = {option.name: option.value for option in was.options}
    told += [
        f"{option.name} {before.get(option.name, 'none')} → {option.value}"
        for option in now.options
        if before.get(option.name) != option.value
    ]
    if was.elsewhere != now.elsewhere:
        told.append(f"in {listed(dict.fromkeys(one.place for one in (*now.elsewhere, *was.elsewhere)))} otherwise")
    return ", ".join(told)
