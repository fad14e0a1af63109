"""Two trackers in memory, and a service on them that a test leads by the hand: which edits are told, which are lost.

``Attended`` looks as the worker does, one look after another; ``walk`` takes the same run from the command line. Two of
them that are edited alike, one served and one run by hand, must come to the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from trackersync.connector import These
from trackersync.core.address import Address
from trackersync.core.guard import Limits
from trackersync.core.mapping import StageRule
from trackersync.core.mentions import Mentioning
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS, STAGE, ItemRef, Person
from trackersync.core.outcome import Outcome
from trackersync.core.people import Directory
from trackersync.core.process import Category, Process, Stage
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.pipeline import Order, Session, run_once
from trackersync.pipeline.looking import look_at_all, look_for_news
from trackersync.store import Ask, Store, Subject
from trackersync.testing import GITHUB_LIKE, JIRA_LIKE, MemoryConnector, MemoryTracker, VirtualClock
from trackersync.worker.verdict import judged

STATUSES = {
    "idea": "To Do", "design": "Design", "build": "In Progress", "verify": "In Review", "done": "Done",
}  # fmt: skip
PEOPLE = ("ada-l", "grace-h", "alan-t")
WIDE = Limits(100_000, 1.0, 100_000)


def _category(stage: str) -> Category:
    return {"idea": "backlog", "done": "done"}.get(stage, "started")  # type: ignore[return-value]  # one of these


PROCESS = Process("short", tuple(Stage(key, key.title(), "", _category(key), "", "", ()) for key in STATUSES))


def terms(stage: Policy, owners: Policy) -> Terms:
    """What is decided under, in both trackers' words."""
    labels = tuple(StageRule(key, {"labels": (f"stage: {key}",)}, {}) for key in STATUSES if key != "done")
    done = {"resolution": ("Done",)}
    statuses = tuple(
        StageRule(key, {"status": (name,)}, done if key == "done" else {}) for key, name in STATUSES.items()
    )
    return Terms(
        process=PROCESS,
        maps={
            "hub": StageMap("hub", PROCESS, GITHUB_LIKE.vocabulary, labels),
            "jira": StageMap("jira", PROCESS, JIRA_LIKE.vocabulary, statuses),
        },
        people=Directory([Person(name, {"hub": (name,), "jira": (name,)}) for name in PEOPLE]),
        capacities={"hub": GITHUB_LIKE.writes["owners"], "jira": JIRA_LIKE.writes["owners"]},
        stage=stage,
        owners=owners,
        finished=False,
        writes={"hub": frozenset((STAGE, OWNERS)), "jira": frozenset((STAGE, OWNERS))},
        fingerprint="attended",
    )


class Attended:
    """A world of two trackers, and a session on it.

    Args:
        store: open and empty.
        stage: how stages are decided.
        owners: how owners are.
        limits: the guard's.
        page: how many items a page of a tracker holds.
    """

    def __init__(
        self,
        store: Store,
        stage: Policy = Policy("changed", "furthest"),  # noqa: B008 - frozen
        owners: Policy = Policy("changed", "hub"),  # noqa: B008 - frozen
        limits: Limits = WIDE,
        page: int = 3,
    ) -> None:
        self.clock = VirtualClock()
        hub = MemoryTracker("hub", GITHUB_LIKE, ("acme/shop", "acme/pay"), self.clock, url="https://hub.example")
        jira = MemoryTracker("jira", JIRA_LIKE, ("SHOP", "PAY"), self.clock, url="https://jira.example")
        self.hub, self.jira, self.store = hub, jira, store
        self.trackers = {"hub": hub, "jira": jira}
        addresses = tuple(Address(name, (one.url,), one.shape.vocabulary) for name, one in self.trackers.items())
        store.mentioning = Mentioning.by(addresses)
        self.session = Session(
            terms=terms(stage, owners),
            limits=limits,
            links=(),
            containers={name: one.containers for name, one in self.trackers.items()},
            addresses=addresses,
            connectors={name: MemoryConnector(one, page=page) for name, one in self.trackers.items()},
            store=store,
            clock=self.clock,
        )

    def pair(self, stage: str = "idea", number: int = 0) -> tuple[ItemRef, ItemRef]:
        """A new issue and one that leads its title with its key, in the same stage."""
        issue = self.jira.create(f"task {number}", status=STATUSES[stage], owners="ada-l")
        lead = self.jira.item(issue).key
        return self.hub.create(f"{lead}: task {number}", labels=f"stage: {stage}", owners="ada-l"), issue

    def move(self, ref: ItemRef, stage: str) -> None:
        """A person moves an item."""
        self.clock.advance(1)
        if ref.tracker == "jira":
            self.jira.edit(ref, status=STATUSES[stage])
        else:
            state = "closed" if stage == "done" else "open"
            self.hub.edit(ref, labels=() if stage == "done" else f"stage: {stage}", state=state)
        self.clock.advance(1)

    def shows(self, ref: ItemRef) -> str:
        """The words in which an item shows its stage."""
        facts = self.trackers[ref.tracker].item(ref).facts
        if ref.tracker == "jira":
            return next(key for key, name in STATUSES.items() if name == facts["status"][0])
        labels = [label.removeprefix("stage: ") for label in facts["labels"]]
        return "done" if facts["state"] == ("closed",) else (labels or ["idea"])[0]

    async def walk(self, *, full: bool = False, only: str | None = None, yes: bool = True) -> Outcome:
        """A plain ``sync``; whoever says yes means what comes later too."""
        self.clock.advance(1)
        outcome = await run_once(self.session, Order("sync", yes=yes, full=full, only=only))
        if yes:
            self.store.approve(self.session.terms.fingerprint, "yes", self.clock.now())
        return outcome

    async def attend(self, ref: ItemRef, *, yes: bool = True) -> Outcome:
        """Look at an item."""
        self.clock.advance(1)
        return await run_once(replace(self.session, asked={}, diagnosed={}), Order("sync", yes=yes, attend=(ref,)))

    def told(self, ref: ItemRef) -> None:
        """A delivery tells of an item."""
        self.store.owe([Ask(Subject(ref.tracker, "item", ref.id))], self.clock.now())

    async def work(self) -> None:
        """Take all looks that are due, until none is."""
        for _ in range(200):
            found = self.store.due(self.clock.now(), 100)
            for due in found:
                begun = self.clock.now()
                outcome = await self.attend(due.subject.ref)
                verdict = judged(due, outcome.world.looks.values(), outcome, 10)
                if verdict.state is None:
                    self.store.done(due, begun)
                else:
                    self.store.put_off(due, verdict.state, verdict.why, self.clock.now() + verdict.after)
            following = self.store.next_due()
            if not found and following is None:
                return
            if following is not None and following > self.clock.now():
                self.clock.advance((following - self.clock.now()) / timedelta(seconds=1) + 0.001)
        raise AssertionError(f"never quiet: {self.store.due(self.clock.now(), 3)}")

    async def timer(self) -> None:
        """Look for what changed in both trackers, and take the looks that are due by it."""
        self.clock.advance(1)
        for tracker in self.trackers:
            await look_for_news(self.session, tracker, counts=True)
        await self.work()

    async def decide_all(self) -> None:
        """Read and decide everything, and take the looks that are due by it."""
        self.clock.advance(1)
        await look_at_all(self.session)
        await self.work()

    def refreshes(self, ref: ItemRef) -> bool:
        """Whether the store knows an item as its tracker shows it."""
        return self.store.item(ref).facts == self.trackers[ref.tracker].item(ref).facts

    def state(self) -> Mapping[str, object]:
        """What people see in the trackers, and what is remembered of it, without moments and names of tasks."""
        tasks: dict[str, set[ItemRef]] = defaultdict(set)
        for ref, task in self.store.links().items():
            tasks[task].add(ref)
        here = {name: [i for c in one.containers for i in one.shown(c)] for name, one in self.trackers.items()}
        return {
            "facts": {item.ref: dict(item.facts) for items in here.values() for item in items},
            "links": sorted(map(sorted, tasks.values())),
            # What an item shows that is alone, nobody has agreed to.
            "bases": {place: base for place, base in self.store.bases().items() if place[0] in self.store.links()},
            "conflicts": {(one.conflict.task, one.conflict.field) for one in self.store.conflicts()},
        }


class Counted:
    """A connector that notes which items were asked for by id.

    Args:
        inner: the one that is asked.
    """

    def __init__(self, inner: MemoryConnector) -> None:
        self._inner, self.asked, self.written = inner, [], 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def observe(self, scope: object) -> object:
        """Note it."""
        self.asked.append(set(scope.refs) if isinstance(scope, These) else None)
        return self._inner.observe(scope)

    async def apply(self, change: object) -> object:
        """Count it."""
        self.written += 1
        return await self._inner.apply(change)
