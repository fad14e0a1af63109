"""Diagnosis alone, over tasks in memory: from cold, and again after a few changed, beside a loop that counts owners.

The tasks are those of a large shop: half of them finished, the others in all stages of ``delivery``, every tenth a part
of another, some overdue, blocked or handed over often. All rules that ship are on, with what they need configured.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from tests.benchmarks.made import BEGUN, TEXT

from trackersync.config import load
from trackersync.core.diagnose import RULES, Amendment, Diagnosis, Known, Rulebook
from trackersync.core.history import Past
from trackersync.core.model import Event, Item, ItemRef
from trackersync.core.terms import Task, Terms
from trackersync.pipeline.opening import terms_of
from trackersync.registry import discover

if TYPE_CHECKING:
    from pathlib import Path

    from trackersync.core.model import Facts

NOW = BEGUN + timedelta(days=700)
TEAM = 300
"""People of each role; a shop of this size has many."""
SOMEBODY = "somebody"
STAGES = (
    ("Backlog", "idea", "product manager"),
    ("Research", "research", "product manager"),
    ("Design", "design", "designer"),
    ("In Progress", "build", "engineer"),
    ("In Progress", "build", "engineer"),
    ("In Review", "verify", "engineer"),
    ("Release", "release", "operations"),
)
"""Status, stage and the role of its owner, of a shop in which most is in order."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one size cost, in seconds.

    Attributes:
        tasks: how many tasks.
        loop: a loop over their items that only counts the owners of each.
        cold: all of them diagnosed, findings sorted.
        again: the same after ``changed`` of them changed.
        changed: how many changed.
        asked: how many tasks were asked about again.
        findings: how many findings there are.
    """

    tasks: int
    loop: float
    cold: float
    again: float
    changed: int
    asked: int
    findings: int


def costs(folder: Path, tasks: int, changed: int) -> Cost:
    """Diagnose so many tasks from cold, then again after some changed."""
    terms = _terms(folder)
    made = [_task(number) for number in range(1, tasks + 1)]
    known = {task.id: _known(task) for number, task in enumerate(made) if number % 20 == 0}
    book = Rulebook(RULES, {rule.name: [Amendment(rule.severity)] for rule in RULES})

    begun = time.perf_counter()
    owners = Counter(owner for task in made for item in task.items for owner in item.facts["owners"])
    loop = time.perf_counter() - begun
    assert owners

    begun = time.perf_counter()
    diagnosis = Diagnosis(terms, book, NOW)
    diagnosis.renew(made, (), known, NOW)
    found = len(diagnosis.findings)
    cold = time.perf_counter() - begun

    now = NOW + timedelta(seconds=30)
    edited = [_edited(task, now) for task in made[:: max(tasks // changed, 1)][:changed]]
    begun = time.perf_counter()
    diagnosis.renew(edited, (), {task.id: known.get(task.id, Known()) for task in edited}, now)
    assert diagnosis.findings
    again = time.perf_counter() - begun
    return Cost(tasks, loop, cold, again, changed, diagnosis.asked, found)


def _terms(folder: Path) -> Terms:
    text = files("trackersync.sandbox").joinpath("shop.yaml").read_text(encoding="utf-8")
    roles = dict.fromkeys(role for _, _, role in STAGES)
    names = [(_name(role, number), role) for role in roles for number in range(TEAM)]
    people = "".join(f"\n  - {{name: {name}, github: {name}, jira: {name}, roles: [{role}]}}" for name, role in names)
    (folder / "shop.yaml").write_text(text.replace("people:", f"people:{people}"), encoding="utf-8")
    urls = {"GITHUB_URL": "https://api.github.com", "JIRA_URL": "https://acme.atlassian.net"}
    tokens = {"GITHUB_TOKEN": "none", "JIRA_TOKEN": "none"}
    return terms_of(load(folder / "shop.yaml", registry=discover(), environ=urls | tokens))


def _name(role: str, number: int) -> str:
    return f"{role.replace(' ', '-')}-{number % TEAM}"


def _task(number: int) -> Task:
    place = number % 14
    finished = place >= len(STAGES)
    status, stage, role = STAGES[place % len(STAGES)]
    owner = SOMEBODY if number % 41 == 0 else _name("operations" if number % 31 == 0 else role, number // 14)
    nobody, two = number % 9 == 0, number % 23 == 0
    at = NOW - timedelta(days=number % (97 if finished or number % 11 == 0 else 6), minutes=number % 1000)
    relations: dict[str, tuple[str, ...]] = {
        "parent": (f"SHOP-{number // 10 + 1}",) if number % 10 == 0 else (),
        "blocked": ("open",) if number % 50 == 0 else (),
        "blockers": (f"SHOP-{number // 2 + 1}",) if number % 50 == 0 else (),
        "due": ((NOW - timedelta(days=3)).date().isoformat(),) if number % 33 == 0 else (),
    }
    jira: Facts = {
        "status": ("Done",) if finished else (status,),
        "resolution": ("Done",) if finished else (),
        "category": ("done",) if finished else ("indeterminate",),
        "type": ("Bug",) if number % 4 == 0 else ("Task",),
        "labels": ("backend", "customer"),
        "components": (),
        "owners": () if nobody else (owner,),
        **relations,
    }
    hub: Facts = {
        "state": ("closed",) if finished else ("open",),
        "reason": ("completed",) if finished else (),
        "labels": ("bug", *(() if finished else (f"stage: {stage}",))),
        "owners": () if nobody else ((owner, "ada-l") if two else (owner,)),
    }
    keys = (f"SHOP-{number + 1}",) if number % 5 == 0 else ()
    return Task(
        f"t{number}",
        (
            _item(ItemRef("github", str(number)), f"acme/shop#{number}", "acme/shop", hub, at),
            _item(ItemRef("jira", str(10_000 + number)), f"SHOP-{number}", "SHOP", jira, at, *keys),
        ),
    )


def _item(ref: ItemRef, key: str, container: str, facts: Facts, at: datetime, *keys: str) -> Item:
    return Item(ref, key, f"https://{ref.tracker}.example/{ref.id}", TEXT[:60], container, BEGUN, at, facts, keys=keys)


def _known(task: Task) -> Known:
    """A history of some hand-offs and moves of the Jira item."""
    item = task.items[1]
    events = tuple(
        Event(str(step), item.updated - timedelta(days=20 - step), "ada-l", fact, (after,), (before,))
        for step, (fact, before, after) in enumerate(
            (
                ("status", "Backlog", "Research"),
                ("owners", "designer-1", "engineer-1"),
                ("status", "Research", item.facts["status"][0]),
                ("owners", "engineer-1", (item.facts["owners"] or ("",))[0]),
            )
        )
    )
    return Known(pasts={item.ref: Past(events, NOW, item.updated)})


def _edited(task: Task, now: datetime) -> Task:
    """The same task, handed to somebody else just now."""
    hub, jira = task.items
    facts = {**jira.facts, "owners": ("engineer-1",), "status": ("In Progress",), "resolution": ()}
    return replace(task, items=(hub, replace(jira, facts=facts, updated=now)))
