"""A digest of everything in a configuration that decides what is written, so that a changed mapping is noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from trackersync.config.settings import Sync
from trackersync.connector import Plugin, TrackerSettings
from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Person
from trackersync.core.process import Process

LENGTH = 16


def fingerprint(
    *,
    process: Process,
    rules: Mapping[str, tuple[StageRule, ...]],
    hands_off: Mapping[str, Facts],
    sync: Sync,
    people: tuple[Person, ...],
    trackers: Mapping[str, TrackerSettings],
    plugins: Mapping[str, Plugin],
) -> str:
    """The first 16 hex digits of a SHA-256 over what decides writes.

    Stage order and categories, rules, hands off, policies, what may be written where, people, containers and addresses.
    What was not configurable in an earlier version counts only where it is configured, or every upgrade would be held.
    Not: tokens, limits, the store, pace, time-outs, and the process's prose. Trackers are compared by name, so their
    order does not matter; the order of people and of rules does.
    """
    decisive = {
        "stages": [(stage.key, stage.category) for stage in process.stages],
        "sync": {
            name: {key: value for key, value in policy.items() if (key, value) != ("direction", "both")}
            for name, policy in sync.model_dump().items()
        },
        "people": [
            (one.name, sorted((name, list(ids)) for name, ids in one.accounts.items()), one.email, list(one.roles))
            for one in people
        ],
        "trackers": {
            name: {
                "connector": settings.connector,
                "url": settings.url,
                "aliases": sorted(settings.aliases),
                "containers": sorted(plugins[name].containers(settings)),
                "writes": sorted(settings.writes),
                "rules": [(rule.stage, _lists(rule.when), _lists(rule.sets)) for rule in rules[name]],
            }
            | ({"hands_off": _lists(hands_off[name])} if hands_off.get(name) else {})
            | ({"precedence": settings.precedence} if settings.precedence else {})
            for name, settings in trackers.items()
        },
    }
    text = json.dumps(decisive, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _lists(facts: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {fact: list(values) for fact, values in facts.items()}
