"""What happens in stories: the policies, what is given, what people, trackers and networks do, and runs."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from trackersync.connector import Absence
from trackersync.core.merge import Policy
from trackersync.core.model import FieldName
from trackersync.core.plan import Plan
from trackersync.pipeline import Order, Outcome, run_once
from trackersync.testing import Trouble
from trackersync.testing.tracker import Edit

from .shop import PEOPLE, PROCESS, STATUSES, Setup, Shop, WordError, account, facts_of, full, home_of
from .story import Phrases

FIELDS: dict[str, FieldName] = {"stage": "stage", "owners": "owners"}
PHRASES = Phrases(
    who="|".join(PEOPLE),
    key=r"SHOP-\d+|shop#\d+",
    keys=r"(?:SHOP-\d+|shop#\d+)(?:, (?:SHOP-\d+|shop#\d+))*",
    tracker="jira|github",
    field="stage|owners",
    number=r"\d+",
    label=r'"[^"]+"',
    stage="|".join(stage.key for stage in PROCESS.stages),
    status="|".join(STATUSES),
    rule=r"[a-z]+(?:-[a-z]+)+",
)
phrase = PHRASES.phrase


class Happenings:
    """One story as it goes: the shop, and the runs so far."""

    def __init__(self) -> None:
        self.setup = Setup()
        self.last: Outcome | None = None
        self.begun = 0

    @cached_property
    def shop(self) -> Shop:
        """The shop; its setup is final once it is open."""
        return Shop(self.setup)

    # The policy.

    @phrase("with( <field>)? (?P<which>authority|adopt): (?P<value>changed|latest|ask|jira|github|authority|furthest)")
    def policy(self, which: str, value: str, field: str = "stage") -> None:
        words = {
            "authority": ("changed", "latest", "ask", "jira", "github"),
            "adopt": ("ask", "authority", "furthest", "latest"),
        }
        allowed = words[which]
        if value not in allowed:
            raise WordError(f"{which} is one of {', '.join(allowed)}")
        old = self.setup.owners if field == "owners" else self.setup.stage
        new = Policy(value, old.adopt) if which == "authority" else Policy(old.authority, value)
        self.setup = replace(self.setup, owners=new) if field == "owners" else replace(self.setup, stage=new)

    @phrase("with a jira of three columns")
    def coarse(self) -> None:
        self.setup = replace(self.setup, coarse=True)

    @phrase("with a jira in which one goes step by step")
    def stepwise(self) -> None:
        self.setup = replace(self.setup, stepwise=True)

    @phrase("with a jira that shows only what leaves the status an item is in")
    def shy(self) -> None:
        self.setup = replace(self.setup, stepwise=True, shy=True)

    @phrase("with <who> known to jira by (?P<how>a verified|an unverified) e-mail only")
    def mailed(self, who: str, how: str) -> None:
        self.setup = replace(self.setup, mailed={**self.setup.mailed, who: how == "a verified"})

    @phrase("with <tracker> writes: (?P<fields>nothing|stage|owners)")
    def writes(self, tracker: str, fields: str) -> None:
        allowed = frozenset[FieldName]() if fields == "nothing" else frozenset((FIELDS[fields],))
        self.setup = replace(self.setup, writes={**self.setup.writes, tracker: allowed})

    @phrase("with limit (?P<which>changes|adoptions): <number>")
    def limit(self, which: str, number: str) -> None:
        old, most = self.setup.limits, int(number)
        new = replace(old, changes=most) if which == "changes" else replace(old, adoptions=most)
        self.setup = replace(self.setup, limits=new)

    @phrase("with limit share: <number> %")
    def share(self, number: str) -> None:
        self.setup = replace(self.setup, limits=replace(self.setup.limits, share=int(number) / 100))

    @phrase("with a configuration that has not written before")
    def fresh(self) -> None:
        self.setup = replace(self.setup, approved=False)

    @phrase(r"with jira known at (?P<url>https://\S+) too")
    def alias(self, url: str) -> None:
        self.setup = replace(self.setup, aliases=(*self.setup.aliases, url))

    @phrase("with link: <one:key> = <other:key>")
    def link(self, one: str, other: str) -> None:
        self.setup = replace(self.setup, links=(*self.setup.links, (full(one), full(other))))

    # What is given.

    @phrase(r"given <one:key> = <other:key> jira: (?P<jira>.+?) github: (?P<github>.+)")
    def given_task(self, one: str, other: str, jira: str, github: str) -> None:
        if (home_of(one), home_of(other)) != ("jira", "github"):
            raise WordError("a task is written as SHOP-1 = shop#1")
        self.shop.create(one, facts_of("jira", jira), "A task")
        self.shop.create(other, facts_of("github", github), f"{one}: A task")

    @phrase(r"given <number> tasks jira: (?P<jira>.+?) github: (?P<github>.+)")
    def given_tasks(self, number: str, jira: str, github: str) -> None:
        for _ in range(int(number)):
            one, other = (len(tracker.items) + 1 for tracker in self.shop.trackers.values())
            self.given_task(f"SHOP-{one}", f"shop#{other}", jira, github)

    @phrase(r'given <key>( titled "(?P<title>[^"]*)")?( saying "(?P<body>[^"]*)")? <tracker>: (?P<words>.+)')
    def given_item(self, key: str, tracker: str, words: str, title: str = "A task", body: str = "") -> None:
        if tracker != home_of(key):
            raise WordError(f"{key} lives in {home_of(key)}, not in {tracker}")
        self.shop.create(key, facts_of(tracker, words), title, body)

    # What people do.

    @phrase("<who> moves <key> to (?P<words>.+?)( in <tracker>)?")
    def moves(self, who: str, key: str, words: str, tracker: str = "") -> None:
        if tracker not in ("", home_of(key)):
            raise WordError(f"{key} lives in {home_of(key)}, not in {tracker}")
        facts = facts_of(home_of(key), words)
        if "labels" in facts:
            foreign = [label for label in self.shop.item(key).facts["labels"] if not label.startswith("stage: ")]
            facts["labels"] = (*foreign, *facts["labels"])
        self._edit(who, key, facts)

    @phrase("<who> moves every SHOP task to <status>")
    def moves_all(self, who: str, status: str) -> None:
        for item in list(self.shop.trackers["jira"].items.values()):
            self._edit(who, item.key, {"status": (status,)})

    @phrase("<who> assigns <key> to (?P<words>.+)")
    def assigns(self, who: str, key: str, words: str) -> None:
        facts = facts_of(home_of(key), words)
        if facts.keys() != {"owners"}:
            raise WordError(f"a task is assigned to people or to nobody, not to {words}")
        self._edit(who, key, facts)

    @phrase("<who> adds <label> to <key>")
    def adds(self, who: str, key: str, label: str) -> None:
        self._edit(who, key, {"labels": (*self.shop.item(key).facts["labels"], label.strip('"'))})

    @phrase("<who> takes <label> off <key>")
    def takes_off(self, who: str, key: str, label: str) -> None:
        labels = self.shop.item(key).facts["labels"]
        if label.strip('"') not in labels:
            raise WordError(f"{key} has no label {label}")
        self._edit(who, key, {"labels": tuple(one for one in labels if one != label.strip('"'))})

    @phrase("<who> closes <key>( as (?P<how>.+))?")
    def closes(self, who: str, key: str, how: str = "") -> None:
        self._edit(who, key, facts_of(home_of(key), f"closed as {how}" if how else "closed"))

    @phrase("<who> reopens <key>")
    def reopens(self, who: str, key: str) -> None:
        self._edit(who, key, facts_of(home_of(key), "open"))

    @phrase("<who> deletes <key>")
    def deletes(self, who: str, key: str) -> None:
        item = self.shop.item(key)
        self.shop.trackers[item.ref.tracker].remove(item.ref)

    def _edit(self, who: str, key: str, facts: dict[str, tuple[str, ...]]) -> None:
        item = self.shop.item(key)
        tracker = self.shop.trackers[item.ref.tracker]
        if tracker.edit(item.ref, account(who, tracker.name), **facts) == item:
            raise WordError(f"{key} is so already: nobody does anything here")

    # What happens to trackers, networks and configurations.

    @phrase("<tracker> hides everything from us")
    def hides(self, tracker: str) -> None:
        for item in list(self.shop.trackers[tracker].items.values()):
            self.shop.trackers[tracker].remove(item.ref, Absence.HIDDEN)

    @phrase("<tracker> shows everything again")
    def shows_again(self, tracker: str) -> None:
        for item in self.shop.trackers[tracker].items.values():
            self.shop.trackers[tracker].restore(item.ref)

    @phrase("the next answer to a write in <tracker> is lost")
    def loses_answer(self, tracker: str) -> None:
        self.shop.faults.arm(Trouble.LOST_ANSWER, "apply", tracker)

    @phrase("the next write to <tracker> breaks off half-way")
    def breaks_off(self, tracker: str) -> None:
        self.shop.faults.arm(Trouble.HALF_DONE, "apply", tracker)

    @phrase("the next write to <tracker> breaks off after <number> hops?")
    def breaks_off_at_hop(self, tracker: str, number: str) -> None:
        self.shop.faults.arm(Trouble.HALF_DONE, "apply", tracker, hop=int(number) - 1)

    @phrase("at the next hop <who> moves <key> to <status>")
    def moves_at_hop(self, who: str, key: str, status: str) -> None:
        self.shop.at_the_next_hop = lambda: self._edit(who, key, {"status": (status,)})

    @phrase("the history of <tracker> cannot be read <number> times?")
    def hides_history(self, tracker: str, number: str) -> None:
        self.shop.faults.arm(Trouble.LOST_REQUEST, "history", tracker, times=int(number))

    @phrase("<tracker> is down for one run")
    def is_down(self, tracker: str) -> None:
        self.shop.faults.arm(Trouble.LOST_REQUEST, "observe", tracker)

    @phrase("<number> (?P<unit>minutes?|seconds?) pass(?:es)?")
    def passes(self, number: str, unit: str) -> None:
        self.shop.clock.advance(int(number) * (60 if unit.startswith("minute") else 1))

    @phrase("the configuration now reads <status> as <stage>")
    def remaps(self, status: str, stage: str) -> None:
        self.shop.setup = replace(self.shop.setup, moved_to={**self.shop.setup.moved_to, status: stage})

    # Runs.

    @phrase("sync(?P<flags>(?: --yes| --full| --approve| --only <key>)*)")
    async def sync(self, flags: str = "", key: str = "") -> None:
        digest = self._plan().digest if "--approve" in flags else None
        only = self.shop.item(key).key if key else None
        await self._run(Order("sync", only=only, yes="--yes" in flags, approve=digest, full="--full" in flags))

    @phrase("plan")
    async def plan(self) -> None:
        await self._run(Order("plan"))

    @phrase("apply that plan(?P<skip> --skip-stale)?")
    async def apply(self, skip: str = "") -> None:
        await self._run(Order("apply", exactly=self._plan().changes, skip_stale=bool(skip)))

    async def _run(self, order: Order) -> None:
        self.begun = len(self._edits())
        self.last = await self._walk(order)

    async def _walk(self, order: Order) -> Outcome:
        """Walk the road once, some time after whatever happened before."""
        self.shop.clock.advance(20)
        outcome = await run_once(self.shop.session(), order)
        self.shop.clock.advance(10)
        return outcome

    # How it is looked up.

    def _outcome(self) -> Outcome:
        if self.last is None:
            raise WordError("there was no run yet: write `sync` or `plan` before this line")
        return self.last

    def _plan(self) -> Plan:
        plan = self._outcome().plan
        return Plan(()) if plan is None else plan

    def _edits(self) -> list[Edit]:
        return sorted(
            (edit for tracker in self.shop.trackers.values() for edit in tracker.history), key=lambda edit: edit.at
        )
