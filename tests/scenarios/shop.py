"""Where every story plays: a Jira and a GitHub in memory that share one delivery process, and the words for them.

The words are those of the trackers' own pages: a status, a "label" in quotes, open or closed, a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from trackersync.config.process import process
from trackersync.core.address import Address
from trackersync.core.guard import Limits
from trackersync.core.mapping import StageRule
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS, STAGE, Facts, FieldName, Item, ItemRef, Person
from trackersync.core.people import Directory
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.errors import NotFoundError
from trackersync.pipeline import Session
from trackersync.store import Store
from trackersync.testing import (
    GITHUB_LIKE,
    JIRA_LIKE,
    FaultyConnector,
    MemoryTracker,
    Scripted,
    VirtualClock,
)
from trackersync.testing.memory import Moment

from .mailed import Mailed

PEOPLE = ("ada-l", "grace-h", "alan-t", "kath-j")
PROCESS = process("delivery")
SHAPES = {"jira": JIRA_LIKE, "github": GITHUB_LIKE}
CONTAINERS = {"jira": "SHOP", "github": "acme/shop"}
STATUSES = tuple(JIRA_LIKE.routes or ())
STEPWISE = replace(
    JIRA_LIKE,
    routes={status: (*STATUSES[max(0, at - 1) : at], *STATUSES[at + 1 : at + 2]) for at, status in enumerate(STATUSES)},
)
"""The same Jira with a workflow in which one can go one step on, or one back."""
STATUS_OF = {
    "idea": ("To Do", "Backlog"),
    "design": ("Design",),
    "build": ("In Progress",),
    "verify": ("In Review",),
    "release": ("Release",),
    "done": ("Done",),
}
COARSE = {"idea": ("To Do", "Backlog"), "build": ("In Progress", "In Review"), "done": ("Done",)}
"""The usual board of three columns: what is not written here is covered by the column before it."""
LABELLED = ("design", "build", "verify", "release")
HOME = {"jira": ("status", "resolution", STATUSES), "github": ("state", "reason", ("open", "closed"))}
"""By tracker: the fact that says how far an item is, the one that says how it ended, and the first one's values."""
ENDS = {"jira": ("Done", "Won't Do", "Duplicate"), "github": ("completed", "not_planned", "duplicate")}


USUAL = Policy("changed", "ask")
WIDE = Limits(changes=100, share=1.0, adoptions=100)


class WordError(ValueError):
    """A word of a story means nothing in its tracker; the sentence says which would."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a story's ``with`` lines decide; by default a team that has been using trackersync for a while.

    ``stepwise``: a Jira in which one status leads only to its neighbours; ``shy``: that shows no more of its workflow.
    ``approved``: the configuration has written before. ``moved_to``: by Jira status, the stage a changed mapping gives.
    ``mailed``: those whose Jira account only their e-mail tells, and whether Jira vouches for it.
    ``hands_off``: by tracker, what an item shows that nobody but people may move.
    """

    stage: Policy = USUAL
    owners: Policy = USUAL
    coarse: bool = False
    stepwise: bool = False
    shy: bool = False
    writes: Mapping[str, frozenset[FieldName]] = field(
        default_factory=lambda: dict.fromkeys(SHAPES, frozenset((STAGE, OWNERS)))
    )
    limits: Limits = WIDE
    approved: bool = True
    aliases: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    moved_to: Mapping[str, str] = field(default_factory=dict)
    mailed: Mapping[str, bool] = field(default_factory=dict)
    hands_off: Mapping[str, Facts] = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """What the core is told of it."""
        rules = {"jira": self._statuses(), "github": tuple(StageRule(s, {"labels": (label(s),)}, {}) for s in LABELLED)}
        return Terms(
            process=PROCESS,
            maps={name: StageMap(name, PROCESS, shape.vocabulary, rules[name]) for name, shape in SHAPES.items()},
            people=Directory(self._person(who) for who in PEOPLE),
            capacities={name: shape.writes["owners"] for name, shape in SHAPES.items()},
            stage=self.stage,
            owners=self.owners,
            finished=False,
            writes=self.writes,
            fingerprint=f"story {sorted(self.moved_to.items())}",
            hands_off=self.hands_off,
        )

    def _person(self, who: str) -> Person:
        configured = [name for name in SHAPES if not (name == "jira" and who in self.mailed)]
        return Person(who, {name: (account(who, name),) for name in configured}, f"{who}@acme.example")

    def _statuses(self) -> tuple[StageRule, ...]:
        by_stage = {stage: list(statuses) for stage, statuses in (COARSE if self.coarse else STATUS_OF).items()}
        for status, stage in self.moved_to.items():
            for statuses in by_stage.values():
                statuses[:] = [one for one in statuses if one != status]
            by_stage.setdefault(stage, []).append(status)
        return (
            *(StageRule(stage, {"status": tuple(of)}, {}) for stage, of in by_stage.items() if of),
            StageRule("cancelled", {"status": ("Done",), "resolution": ("Won't Do", "Duplicate")}, {}),
        )


class Shop:
    """Both trackers, the store and the network between them."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.clock = VirtualClock()
        self.faults = Scripted()
        jira = replace(STEPWISE, shy=setup.shy) if setup.stepwise else JIRA_LIKE
        shapes = {**SHAPES, "jira": jira}
        self.trackers = {
            name: MemoryTracker(name, shape, (CONTAINERS[name],), self.clock) for name, shape in shapes.items()
        }
        self.at_the_next_hop: Callable[[], None] | None = None
        self.store = Store("sqlite://")
        self.refs: dict[str, ItemRef] = {}
        if setup.approved:
            self.store.approve(setup.terms.fingerprint, "yes", self.clock.now())

    def session(self) -> Session:
        """A new process: it knows nothing but what the store does."""
        aliases = {"jira": self.setup.aliases, "github": ()}
        mails = {account(who, "jira"): (f"{who}@acme.example", sure) for who, sure in self.setup.mailed.items()}
        return Session(
            terms=self.setup.terms,
            limits=self.setup.limits,
            links=self.setup.links,
            containers={name: one.containers for name, one in self.trackers.items()},
            addresses=tuple(
                Address(name, (one.url, *aliases[name]), one.shape.vocabulary) for name, one in self.trackers.items()
            ),
            connectors={
                name: FaultyConnector(Mailed(one, self._meanwhile, mails), self.faults)
                for name, one in self.trackers.items()
            },
            store=self.store,
            clock=self.clock,
        )

    def _meanwhile(self, moment: Moment) -> None:
        """Let people do between two requests of one write what they wait to do."""
        if moment == "on a hop" and self.at_the_next_hop is not None:
            waiting, self.at_the_next_hop = self.at_the_next_hop, None
            self.clock.advance(1)
            waiting()

    def create(self, key: str, facts: Facts, title: str, body: str = "") -> None:
        """Make an item as a person does. Raises ``WordError`` when it would be called otherwise."""
        tracker = self.trackers[home_of(key)]
        ref = tracker.create(title, body)
        tracker.put(ref, facts, PEOPLE[0])
        self.refs[key] = ref
        if short(made := tracker.item(ref).key) != key:
            raise WordError(f"items are numbered in order: this one is {short(made)}, not {key}")

    def item(self, key: str) -> Item:
        """An item as its tracker shows it. Raises ``WordError``."""
        try:
            return self.trackers[home_of(key)].item(key)
        except NotFoundError as error:
            raise WordError(f"{home_of(key)} shows no {key}") from error


def home_of(key: str) -> str:
    """The tracker a key belongs to."""
    return "github" if "#" in key else "jira"


def short(key: str) -> str:
    """A key as stories write it: ``shop#1``."""
    return key.rpartition("/")[2]


def full(key: str) -> str:
    """A key as its tracker writes it: ``acme/shop#1``."""
    return f"acme/{key}" if "#" in key else key


def label(stage: str) -> str:
    """The label of a stage."""
    return f"stage: {stage}"


def account(person: str, tracker: str) -> str:
    """A person's account: the same name on GitHub, an id in Jira."""
    return f"id-{person}" if tracker == "jira" and person in PEOPLE else person


def facts_of(tracker: str, words: str) -> dict[str, tuple[str, ...]]:
    """The facts that some words, separated by commas, say of an item. Raises ``WordError``."""
    facts: dict[str, tuple[str, ...]] = {}
    for word in (part.strip() for part in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', words)):
        for fact, values in _said(tracker, word).items():
            facts[fact] = (*facts.get(fact, ()), *values)
    return facts


def _said(tracker: str, word: str) -> Facts:
    home, ending, values = HOME[tracker]
    value, _, end = word.partition(" as ")
    end = end.replace(" ", "_") if tracker == "github" else end
    if quoted := re.fullmatch(r'"([^"]+)"', word):
        return {"labels": (quoted[1],)}
    if word in ("no label", "nobody"):
        return {"labels" if word == "no label" else "owners": ()}
    if word in PEOPLE:
        return {"owners": (account(word, tracker),)}
    if stranger := re.fullmatch(r"stranger (\S+)", word):
        return {"owners": (stranger[1],)}
    if value in values and (not end or end in ENDS[tracker]):
        return {home: (value,)} | ({ending: (end,)} if end else {})
    known = ", ".join((*values, *PEOPLE, '"a label" in quotes', "no label", "nobody", "stranger <account>"))
    raise WordError(f"{tracker} knows no {word!r}; it knows {known}")


def told(item: Item, facts: Iterable[str]) -> str:
    """What an item shows of these facts, in a story's words."""
    tracker = item.ref.tracker
    names = {account(who, tracker): who for who in PEOPLE}
    blank = {"labels": "no label", "owners": "nobody"}
    spoken = [
        f'"{value}"' if fact == "labels" and item.facts[fact] else names.get(value, value)
        for fact in facts
        for value in item.facts[fact] or (blank.get(fact, f"no {fact}"),)
    ]
    return ", ".join(spoken)
