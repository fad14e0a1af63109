"""Workflows that administrators dreamt up: drawn at random, served by the stand-in, and an oracle for the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

import httpx
import networkx as nx
from hypothesis import strategies as st

from trackersync.connector import Connector
from trackersync.core.address import Address
from trackersync.core.mapping import StageRule
from trackersync.core.merge import Policy
from trackersync.core.model import Capacity, Change, ItemRef
from trackersync.core.people import Directory
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.http import HttpWire
from trackersync.pipeline import Order, Outcome, Session, run_once
from trackersync.sandbox import Jira, jira_app
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.model import BOT
from trackersync.sandbox.jira.workflow import Condition, Status, Transition, Workflow
from trackersync.store import Store
from trackersync.testing import GITHUB_LIKE, MemoryConnector, MemoryTracker, VirtualClock
from trackersync_jira import connector as plugin

from .shop import PROCESS, WIDE

Known = Literal["whole", "by others", "nothing"]
"""What of a workflow can be found out before the first step: all; what leaves the statuses others stand in; nothing."""

STAGES = ("idea", "design", "build", "verify", "release", "done")
CAUSE = "customfield_10050"


@dataclass(frozen=True, slots=True)
class Hop:
    """One transition: from some statuses, or from all; and what may stand in its way."""

    sources: tuple[int, ...]
    to: int
    hidden: bool = False
    refused: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A workflow, where an issue starts in it, and where it is wanted.

    ``stages`` has the stage that each status is mapped to; none for a status that nobody mapped.
    """

    stages: tuple[str | None, ...]
    hops: tuple[Hop, ...]
    start: int
    goal: str
    known: Known
    rename: bool
    fills: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What the statuses are called."""
        return tuple(f"Status {number}" for number in range(len(self.stages)))


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Up to twelve statuses, several of which may mean the same stage; hops with and without a catch."""
    stages = draw(st.lists(st.sampled_from((*STAGES, None)), min_size=3, max_size=12))
    open_ones = [at for at, stage in enumerate(stages) if stage not in {None, "done"}]
    if not open_ones:
        stages[0], open_ones = "idea", [0]
    goals = sorted({stage for stage in stages if stage} - {"done"} | {"done"})
    place = st.integers(0, len(stages) - 1)
    catch = st.sampled_from(("", "", "", "", "hidden", "refused", "resolution", CAUSE))
    hops = []
    for _ in range(draw(st.integers(2, 24))):
        what = draw(catch)
        sources = draw(st.one_of(st.lists(place, min_size=1, max_size=3, unique=True), st.just([])))
        # Global transitions are rare, or every way is one hop long.
        if not sources and draw(st.integers(0, 3)):
            sources = [draw(place)]
        needs = (what,) if what in {"resolution", CAUSE} else ()
        hops.append(Hop(tuple(sources), draw(place), what == "hidden", what == "refused", needs))
    return Drawn(
        tuple(stages),
        tuple(hops),
        draw(st.sampled_from(open_ones)),
        draw(st.sampled_from(goals)),
        draw(st.sampled_from(("whole", "by others", "nothing"))),
        draw(st.booleans()),
        draw(st.booleans()),
    )


# The oracle.


def graph(case: Drawn, *, told: bool) -> nx.DiGraph:
    """The hops an issue may make; ``told``: those it is told of beforehand, some of which it may not make after all."""
    made = nx.DiGraph()
    made.add_nodes_from(range(len(case.stages)))
    for hop in case.hops:
        for here in hop.sources or [at for at in range(len(case.stages)) if at != hop.to]:
            if here != hop.to and _may(case, hop, here, told=told):
                made.add_edge(here, hop.to)
    return made


def _may(case: Drawn, hop: Hop, here: int, *, told: bool) -> bool:
    if told and case.known == "whole" and here != case.start:
        # A workflow as drawn shows neither who may go where, nor what is asked on the way.
        return True
    if hop.hidden or (hop.refused and not told):
        return False
    free = {CAUSE} if case.fills else set()
    # A resolution is said of what is done, and of nothing else.
    free |= {"resolution"} if case.stages[hop.to] == "done" and case.goal == "done" else set()
    return free.issuperset(hop.needs)


def shortest(case: Drawn, made: nx.DiGraph, start: int) -> int | None:
    """How many hops it takes, by statuses of open stages, else also by those that nobody mapped; None: no way."""
    goals = [at for at, stage in enumerate(case.stages) if stage == case.goal]
    for shut in ({"done", None}, {"done"}):
        passed = [at for at, stage in enumerate(case.stages) if stage not in shut or at == start]
        lengths = []
        for goal in goals:
            part = made.subgraph({*passed, goal})
            if nx.has_path(part, start, goal):
                lengths.append(nx.shortest_path_length(part, start, goal))
        if lengths:
            return min(lengths)
    return None


# The world.


@dataclass
class World:
    """The stand-in's Jira with one issue to be moved, the GitHub issue that moved, and what was planned of it."""

    case: Drawn
    jira: Jira
    session: Session
    github: MemoryTracker
    key: str
    ref: ItemRef
    connector: Callable[[], Connector]
    planned: list[Change] = field(default_factory=list)

    def restart(self) -> None:
        """The next run is another process: it knows nothing but what the store does."""
        self.session = replace(self.session, connectors={**self.session.connectors, "jira": self.connector()})

    async def sync(self) -> Outcome:
        """One run, a while after the last."""
        self.session.clock.advance(2 * 3600)  # type: ignore[attr-defined]  # a test's clock
        outcome = await run_once(self.session, Order("sync"))
        self.planned += outcome.plan.changes
        return outcome

    @property
    def stands(self) -> int:
        """The number of the status that the issue is in."""
        issue = self.jira.issue(self.key)
        return [status.name for status in self.jira.workflows["SHOP"].statuses].index(issue.status)

    @property
    def walked(self) -> list[tuple[str, str]]:
        """The hops we made, as its history tells."""
        return [
            (str(was), str(now))
            for entry in self.jira.issue(self.key).history
            if entry.author == BOT
            for name, _, was, _, now in entry.items
            if name == "status"
        ]

    @property
    def ways(self) -> list[tuple[str, ...]]:
        """The statuses that each planned change leads through, from the first to the last."""
        return [
            (*change.before["status"], *change.path, *change.after["status"])
            for change in self.planned
            if change.ref == self.ref and "status" in change.after
        ]


def within_plan(world: World) -> bool:
    """Whether every hop was planned."""
    planned = {hop for way in world.ways for hop in pairwise(way)}
    return set(world.walked) <= planned


@asynccontextmanager
async def opened(case: Drawn) -> AsyncIterator[World]:
    """A world in which both trackers agree and know each other."""
    clock = VirtualClock()
    jira = Jira({"SHOP": _workflow(case)}, clock=clock.now)
    jira.custom_fields[CAUSE] = CustomField(CAUSE, "Root cause", options=("Unknown", "Design"))
    jira.resolutions = {"Done": "10000", "Fixed": "10001"}
    jira.may_see_workflows = case.known == "whole"
    issue = jira.create("Gift cards", status=case.names[case.start])
    if case.known == "by others":
        for name in case.names:
            jira.create("Something else", status=name)
    github = MemoryTracker("github", GITHUB_LIKE, ("acme/shop",), clock)
    twin = github.create(f"{issue.key} gift cards")
    github.put(twin, _says(case.stages[case.start] or ""), "ada-l")
    settings = plugin.settings.model_validate(
        {
            "connector": "jira",
            "url": "http://127.0.0.1",
            "email": "bot@acme.example",
            "token": "hush-hush-123",
            "projects": ["SHOP"],
        }
        | ({"fill": {"*": {"Root cause": "Unknown"}}} if case.fills else {})
    )
    async with HttpWire(
        "jira",
        settings.url,
        plugin.authorization(settings),
        plugin.headers(settings),
        clock,
        writes=settings.writes,
        pace=0,
        transport=httpx.ASGITransport(app=jira_app(jira)),
    ) as wire:

        def connector() -> Connector:
            return plugin.create("jira", settings, wire, clock)

        connectors = {
            "jira": connector(),
            "github": MemoryConnector(github),
        }
        session = Session(
            terms=_terms(case),
            limits=WIDE,
            links=(),
            containers={"jira": ("SHOP",), "github": ("acme/shop",)},
            addresses=tuple(Address(name, (url,), connectors[name].vocabulary) for name, url in _URLS.items()),
            connectors=connectors,
            store=Store("sqlite://"),
            clock=clock,
        )
        session.store.approve(session.terms.fingerprint, "yes", clock.now())
        yield World(case, jira, session, github, issue.key, ItemRef("jira", str(issue.id)), connector)


_URLS = {"jira": "http://127.0.0.1", "github": "https://github.example"}


def _says(stage: str) -> Mapping[str, tuple[str, ...]]:
    if stage == "done":
        return {"labels": (), "state": ("closed",), "reason": ("completed",)}
    return {"labels": (f"stage: {stage}",), "state": ("open",)}


def move(world: World) -> None:
    """A person moves the GitHub issue to where everybody wants it."""
    twin = next(iter(world.github.items.values()))
    world.session.clock.advance(60)  # type: ignore[attr-defined]  # a test's clock
    world.github.put(twin.ref, _says(world.case.goal), "ada-l")


def _terms(case: Drawn) -> Terms:
    names: dict[str, list[str]] = {}
    for name, stage in zip(case.names, case.stages, strict=True):
        if stage is not None:
            names.setdefault(stage, []).append(name)
    rules = {
        "jira": tuple(
            StageRule(stage, {"status": tuple(statuses)}, {"resolution": ("Done",)} if stage == "done" else {})
            for stage, statuses in names.items()
        ),
        "github": tuple(StageRule(stage, {"labels": (f"stage: {stage}",)}, {}) for stage in STAGES if stage != "done"),
    }
    vocabularies = {"jira": plugin.vocabulary, "github": GITHUB_LIKE.vocabulary}
    return Terms(
        process=PROCESS,
        maps={name: StageMap(name, PROCESS, vocabularies[name], rules[name]) for name in rules},
        people=Directory(()),
        capacities={"jira": Capacity(1), "github": Capacity(10)},
        stage=Policy("changed", "ask"),
        owners=Policy("changed", "ask"),
        finished=False,
        writes={"jira": frozenset({"stage"}), "github": frozenset({"stage"})},
        fingerprint="one",
    )


def _workflow(case: Drawn) -> Workflow:
    # Few categories for many statuses: nobody may tell a status by its category.
    statuses = tuple(
        Status(str(10_000 + at), name, "done" if stage == "done" else ("new", "indeterminate")[at % 2])
        for at, (name, stage) in enumerate(zip(case.names, case.stages, strict=True))
    )
    return Workflow(statuses, tuple(_transition(case.names, at, hop) for at, hop in enumerate(case.hops, start=11)))


def _transition(names: Sequence[str], at: int, hop: Hop) -> Transition:
    return Transition(
        # Named by where it does not lead, and numbered like no status: neither tells anything.
        str(at),
        f"To {names[(hop.to + 1) % len(names)]}",
        names[hop.to],
        sources=frozenset(names[here] for here in hop.sources),
        screen=hop.needs,
        required=frozenset(hop.needs),
        condition=Condition(never=True) if hop.hidden else None,
        validator=Condition(never=True) if hop.refused else None,
    )
