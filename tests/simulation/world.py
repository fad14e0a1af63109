"""A world by seed: trackers in memory, tasks in them, people, and one of many configurations."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from trackersync.core.address import Address
from trackersync.core.guard import Limits
from trackersync.core.mapping import StageRule
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS, STAGE, FieldName, Item, ItemRef, Person
from trackersync.core.people import Directory
from trackersync.core.process import Category, Process, Stage
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.testing import GITHUB_LIKE, JIRA_LIKE, MemoryTracker, Shape, VirtualClock, jira_like

STAGES: tuple[tuple[str, Category], ...] = (
    ("idea", "backlog"),
    ("design", "started"),
    ("build", "started"),
    ("verify", "started"),
    ("release", "started"),
    ("done", "done"),
    ("cancelled", "cancelled"),
)
OPEN = ("idea", "design", "build", "verify", "release")
PROCESS = Process("short", tuple(Stage(key, key.title(), "", category, "", "", ()) for key, category in STAGES))
PEOPLE = ("ada-l", "grace-h", "alan-t", "kath-j")
STRANGER = "nobody-knows"
FOREIGN = ("bug", "area: checkout", "good first issue")
STATUSES = {
    "idea": ("To Do", "Backlog"),
    "design": ("Design",),
    "build": ("In Progress",),
    "verify": ("In Review",),
    "release": ("Release",),
    "done": ("Done",),
}
COARSE = {"idea": ("To Do", "Backlog"), "build": ("In Progress", "In Review"), "done": ("Done",)}
WIDE, NARROW, HOURLY = Limits(500, 1.0, 500), Limits(1, 0.0, 1), Limits(3, 1.0, 2, timedelta(hours=1))
LINE = ("Backlog", "To Do", "Design", "In Progress", "In Review", "Release", "Done")
"""A workflow in which one can go one step on, or one back."""


@dataclass(frozen=True, slots=True)
class World:
    """What a history plays in."""

    clock: VirtualClock
    trackers: Mapping[str, MemoryTracker]
    terms: Terms
    limits: Limits
    links: tuple[tuple[str, str], ...]
    hot: frozenset[ItemRef]
    page: int
    words: str

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple(Address(name, (one.url,), one.shape.vocabulary) for name, one in self.trackers.items())

    @property
    def containers(self) -> dict[str, tuple[str, ...]]:
        return {name: one.containers for name, one in self.trackers.items()}


def build(dice: random.Random, *, winding: bool = False) -> World:
    """Roll a whole world; a ``winding`` one has a Jira in which one goes step by step."""
    clock = VirtualClock()
    names = dice.choices((("hub", "jira"), ("hub", "forge"), ("hub", "jira", "forge")), (12, 0 if winding else 3, 5))[0]
    shapes = {name: _shape(name, dice, winding=winding) for name in names}
    trackers = {
        name: MemoryTracker(name, shape, _containers(name, dice), clock, url=f"https://{name}.example")
        for name, shape in shapes.items()
    }
    terms, words = _terms(shapes, dice)
    links, tasks = _tasks(trackers, dice)
    limits = dice.choices((WIDE, NARROW, HOURLY), (16, 1, 3))[0]
    if dice.random() < 0.2:
        one = trackers[dice.choice(names)]
        one.unassignable = frozenset({account(dice.choice(PEOPLE), one.name)})
    return World(clock, trackers, terms, limits, links, dice.choice(tasks), dice.randint(2, 5), f"{words}; {limits}")


def by_time(world: World) -> World:
    """The same world in which the latest edit decides."""
    policy = Policy("latest", "latest")
    return replace(world, terms=replace(world.terms, stage=policy, owners=policy), words=f"{world.words}; by time")


def account(person: str, tracker: str) -> str:
    """A person's account: the same name at the hubs, an id in Jira."""
    return f"id-{person}" if tracker == "jira" and person in PEOPLE else person


def _shape(name: str, dice: random.Random, *, winding: bool) -> Shape:
    if name != "jira":
        return GITHUB_LIKE
    if dice.random() < 0.6 and not winding:
        return JIRA_LIKE
    steps = {here: LINE[max(0, at - 1) : at] + LINE[at + 1 : at + 2] for at, here in enumerate(LINE)}
    drawn = jira_like((*LINE, "Waiting for vendor"), "Done", steps | {"Waiting for vendor": LINE})
    # Drawn from dice of its own, so that every other choice of a history stays as it was.
    aside = random.Random()  # noqa: S311 - a history is made, and no secret
    aside.setstate(dice.getstate())
    return replace(drawn, shy=aside.random() < 0.5)


def _containers(name: str, dice: random.Random) -> tuple[str, ...]:
    one, other = ("SHOP", "PAY") if name == "jira" else (f"{name}/shop", f"{name}/pay")
    return (one,) if dice.random() < 0.65 else (one, other)


def _terms(shapes: Mapping[str, Shape], dice: random.Random) -> tuple[Terms, str]:
    names = tuple(shapes)
    fine = {name: dice.random() < 0.7 for name in names}
    maps = {
        name: StageMap(name, PROCESS, shape.vocabulary, _rules(shape, fine=fine[name]))
        for name, shape in shapes.items()
    }
    both: frozenset[FieldName] = frozenset((STAGE, OWNERS))
    writes = {name: both if dice.random() < 0.88 else dice.choice((frozenset(), frozenset((STAGE,)))) for name in names}
    terms = Terms(
        process=PROCESS,
        maps=maps,
        people=Directory(_people(names, dice)),
        capacities={name: shape.writes["owners"] for name, shape in shapes.items()},
        stage=_policy(names, ("ask", "furthest"), dice),
        owners=_policy(names, ("ask",), dice),
        finished=dice.random() < 0.3,
        writes=writes,
        fingerprint="world",
    )
    detail = ", ".join(
        f"{name} {'fine' if fine[name] else 'coarse'} writes {'+'.join(sorted(writes[name])) or 'none'}"
        for name in names
    )
    words = f"{detail}; stage {terms.stage}; owners {terms.owners}; finished {terms.finished}"
    return terms, words


def _policy(names: tuple[str, ...], adopts: tuple[str, ...], dice: random.Random) -> Policy:
    authority = dice.choices(("changed", "ask", dice.choice(names)), (6, 1, 3))[0]
    return Policy(authority, dice.choice((*adopts, "authority") if authority in names else adopts))


def _people(names: tuple[str, ...], dice: random.Random) -> list[Person]:
    lacks = dice.choice(("", "", *names))
    return [
        Person(
            person,
            {name: (account(person, name),) for name in names if not (person == PEOPLE[-1] and name == lacks)},
        )
        for person in PEOPLE
    ]


def _rules(shape: Shape, *, fine: bool) -> tuple[StageRule, ...]:
    if shape.home == "state":
        stages = OPEN if fine else ("build", "verify")
        return tuple(StageRule(stage, {"labels": (f"stage: {stage}",)}, {}) for stage in stages)
    statuses = STATUSES if fine else COARSE
    made = [
        StageRule(stage, {"status": of}, {"resolution": ("Done",)} if stage == "done" else {})
        for stage, of in statuses.items()
    ]
    return (*made, StageRule("cancelled", {"status": ("Done",), "resolution": ("Won't Do", "Duplicate")}, {}))


def _tasks(
    trackers: Mapping[str, MemoryTracker], dice: random.Random
) -> tuple[tuple[tuple[str, str], ...], list[frozenset[ItemRef]]]:
    links: list[tuple[str, str]] = []
    tasks: list[frozenset[ItemRef]] = []
    for number in range(dice.randint(1, 5)):
        first: ItemRef | None = None
        refs = []
        same = dice.random() < 0.7
        stage, owner = dice.choice(OPEN), dice.sample(PEOPLE, 1)
        for tracker in trackers.values():
            if dice.random() < 0.1:
                continue
            other = None if first is None else trackers[first.tracker].item(first)
            way = dice.choice(("title", "url", "bare", "explicit", "nothing" if dice.random() < 0.2 else "title"))
            title, body = _words(f"Task {number}", way, other)
            if not same:
                stage, owner = dice.choice(OPEN), dice.sample(PEOPLE, dice.choice((0, 1, 2)))
            facts = _facts(tracker, stage, owner, dice)
            ref = tracker.create(title, body, container=dice.choice(tracker.containers), **facts)
            if other is not None and way == "explicit":
                links.append((other.key, tracker.item(ref).key))
            first = first or ref
            refs.append(ref)
        tasks.append(frozenset(refs))
    if dice.random() < 0.2:
        _rival(trackers, dice)
    return tuple(links), tasks


def _words(title: str, way: str, other: Item | None) -> tuple[str, str]:
    """An item's title and body, when it names another one in this way."""
    if other is None:
        return title, ""
    body = {"url": f"see {other.url} and more", "bare": f"like {other.key}, only better"}.get(way, "")
    return (f"{other.key}: {title}" if way == "title" else title), body


def _rival(trackers: Mapping[str, MemoryTracker], dice: random.Random) -> None:
    """One more item that claims to be a task which has its item already."""
    one, other, *_ = trackers.values()
    if one.items:
        claimed = dice.choice(list(one.items.values()))
        other.create(f"{claimed.key}: also this", container=other.containers[0])


def _facts(tracker: MemoryTracker, stage: str, owner: list[str], dice: random.Random) -> dict[str, tuple[str, ...]]:
    """What an item of a task shows that is in this stage and has these owners, as far as its tracker can say so."""
    owners = tuple(account(person, tracker.name) for person in owner)[: tracker.shape.writes["owners"].most]
    if tracker.shape.home == "status":
        return {"status": (STATUSES[stage][0],), "owners": owners}
    labels = (f"stage: {stage}",) if dice.random() < 0.85 else ()
    state = ("open",) if dice.random() < 0.9 else ("closed",)
    return {"labels": (*labels, *dice.sample(FOREIGN, dice.choice((0, 0, 1, 2)))), "state": state, "owners": owners}
