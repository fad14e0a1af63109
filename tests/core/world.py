"""A small world in which a row of a test is a line: two trackers as their connectors describe them, and a third.

The vocabularies are written out here as data, so that core is tested against what a tracker can be, not against a
connector. ``github`` has labels for four of the thirteen stages and holds ten owners; ``jira`` is coarse, routed and
holds one; ``board`` is a third tracker with one column a stage and room for three.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from trackersync.core.address import Address
from trackersync.core.diagnose import Amendment, AnyRule, Calendar, Finding, Known, Rulebook, diagnose
from trackersync.core.diagnose.calendar import EVERY_DAY
from trackersync.core.mapping import StageRule
from trackersync.core.merge import Agreed, Desired, Disputed, Policy, Unclear, Verdict
from trackersync.core.merge_owners import merge_owners
from trackersync.core.merge_stage import merge_stage
from trackersync.core.model import (
    OWNERS,
    STAGE,
    Capacity,
    Facts,
    FieldName,
    Item,
    ItemRef,
    Matcher,
    Person,
    Transition,
    UrlForm,
    Vocabulary,
    Workflow,
)
from trackersync.core.people import Directory
from trackersync.core.process import Category, Process, Stage
from trackersync.core.stages import StageMap
from trackersync.core.terms import Bases, Task, Terms, native_of

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)

GITHUB = Vocabulary(
    matchers=(
        Matcher("labels", "labels", shared=True),
        Matcher("state", "state", values=("open", "closed")),
        Matcher("reason", "reason", values=("completed", "not_planned", "duplicate", "reopened")),
    ),
    follows={"reason": "state"},
    lenient=frozenset({"reason"}),
    assumed={"state": ("open",)},
    open={"state": ("open",)},
    finished={"state": ("closed",)},
    defaults={
        "done": {"state": ("closed",), "reason": ("completed",)},
        "cancelled": {"state": ("closed",), "reason": ("not_planned",)},
    },
    alike={("reason", "duplicate"): "not_planned"},
    url_forms=(UrlForm(r"^/([^/\s]+/[^/\s]+)/issues/(\d+)(?![\w-])", r"\1#\2"),),
    blank="no label",
)
JIRA = Vocabulary(
    matchers=(Matcher("statuses", "status"), Matcher("resolutions", "resolution")),
    follows={"resolution": "status"},
    routed="status",
    url_forms=(
        UrlForm(r"/browse/([A-Za-z][A-Za-z0-9_]*-\d+)(?![\w-])", r"\1"),
        UrlForm(r"[?&]selectedIssue=([A-Za-z][A-Za-z0-9_]*-\d+)(?![\w-])", r"\1"),
    ),
    blank="no status",
)
BOARD = Vocabulary(
    matchers=(Matcher("columns", "column"),),
    url_forms=(UrlForm(r"^/card/(\d+)$", r"CARD-\1"),),
    blank="no column",
)

_ROLES = {"idea": "product manager", "design": "designer", "verify": "QA tester", "release": "operations"}


def stage(key: str, category: Category = "started") -> Stage:
    return Stage(key, key.capitalize(), "", category, "", "", (_ROLES.get(key, "engineer"),))


OPEN = (
    *("idea", "research", "requirements", "design", "prototype", "build", "verify"),
    *("release", "distribute", "launch", "support"),
)
DELIVERY = Process(
    "delivery",
    (
        stage("idea", "backlog"),
        *(stage(key) for key in OPEN[1:]),
        stage("done", "done"),
        stage("cancelled", "cancelled"),
    ),
)


def rule(of: str, sets: Mapping[str, str] | None = None, **when: str | tuple[str, ...]) -> StageRule:
    """``rule("done", {"resolution": "Done"}, status="Done")``."""
    facts = {fact: (values,) if isinstance(values, str) else values for fact, values in when.items()}
    return StageRule(of, facts, {fact: (value,) for fact, value in (sets or {}).items()})


def labelled(*stages: str) -> list[StageRule]:
    return [rule(key, labels=f"stage: {key}") for key in stages]


def github_map(*rules: StageRule, process: Process = DELIVERY) -> StageMap:
    return StageMap("github", process, GITHUB, rules or tuple(labelled("idea", "build", "verify")))


def jira_map(*rules: StageRule, process: Process = DELIVERY) -> StageMap:
    usual = (
        rule("idea", status=("Backlog", "To Do")),
        rule("build", status="In Progress"),
        rule("verify", status="In Review"),
        rule("done", {"resolution": "Done"}, status="Done"),
    )
    return StageMap("jira", process, JIRA, rules or usual)


def board_map(*rules: StageRule, process: Process = DELIVERY) -> StageMap:
    return StageMap("board", process, BOARD, rules or tuple(rule(s.key, column=s.key) for s in process.stages))


MAPS = {"github": github_map(), "jira": jira_map(), "board": board_map()}
ROOM = {"github": Capacity(10), "jira": Capacity(1), "board": Capacity(3)}
ADDRESSES = (
    Address("github", ("https://github.com",), GITHUB),
    Address("jira", ("https://acme.atlassian.net", "https://jira.acme.example/jira"), JIRA),
    Address("board", ("https://board.acme.example",), BOARD),
)


def person(name: str, *trackers: str, **accounts: tuple[str, ...]) -> Person:
    return Person(name, {tracker: (f"{tracker}:{name}",) for tracker in trackers} | accounts)


PEOPLE = Directory(
    [
        person("ada-l", "github", "jira", "board"),
        person("grace-h", "github", "jira", "board"),
        person("alan-t", "github", "jira", "board"),
        person("kath-j", "jira", "board", github=("github:kath-j", "github:kath-work")),
        person("radia-p", "jira"),
    ]
)


def account(tracker: str, name: str) -> str:
    """``ada-l`` as the tracker knows her; a name that begins with ``?`` is an account nobody mapped."""
    return name if name.startswith("?") else f"{tracker}:{name}"


def item(
    ref: ItemRef,
    key: str,
    facts: Facts,
    owners: str,
    *,
    title: str = "",
    urls: Iterable[str] = (),
    keys: Iterable[str] = (),
) -> Item:
    held = tuple(account(ref.tracker, name) for name in owners.split())
    container = key.rpartition("#" if "#" in key else "-")[0]
    url = f"https://{ref.tracker}.example/{ref.id}"
    return Item(
        ref, key, url, title, container, NOON, NOON, {**facts, OWNERS: held}, urls=tuple(urls), keys=tuple(keys)
    )


def gh(*labels: str, owners: str = "", number: int = 17, title: str = "", **text: Iterable[str]) -> Item:
    """An issue: ``gh("stage: build", "bug", owners="ada-l grace-h")``; ``gh("closed")``, ``gh("closed:completed")``."""
    closed = next((label for label in labels if label.partition(":")[0] == "closed"), "")
    facts = {
        "labels": tuple(label for label in labels if label != closed),
        "state": ("closed",) if closed else ("open",),
        "reason": (reason,) if (reason := closed.partition(":")[2]) else (),
    }
    return item(ItemRef("github", f"1/{number}"), f"acme/shop#{number}", facts, owners, title=title, **text)


def ji(
    status: str, resolution: str = "", owners: str = "", number: int = 42, title: str = "", **text: Iterable[str]
) -> Item:
    """An issue of Jira: ``ji("In Progress", owners="ada-l")``."""
    facts: Facts = {"status": (status,), "resolution": (resolution,) if resolution else ()}
    return item(ItemRef("jira", str(number)), f"SHOP-{number}", facts, owners, title=title, **text)


def bo(column: str, owners: str = "", number: int = 5, title: str = "", **text: Iterable[str]) -> Item:
    """A card of the board."""
    return item(ItemRef("board", str(number)), f"CARD-{number}", {"column": (column,)}, owners, title=title, **text)


def bases(field: FieldName, was: Iterable[Item], of: Terms | None = None) -> dict[ItemRef, tuple[Facts, ...]]:
    """Base from items as they were. The same item several times: its write is in doubt between these states."""
    found: dict[ItemRef, tuple[Facts, ...]] = {}
    for past in was:
        found[past.ref] = (*found.get(past.ref, ()), native_of(past, field, of or terms()))
    return found


def both_bases(was: Iterable[Item], of: Terms | None = None) -> Bases:
    was = tuple(was)
    return {(ref, field): base for field in (STAGE, OWNERS) for ref, base in bases(field, was, of).items()}


def terms(
    authority: str = "changed",
    adopt: str = "ask",
    *,
    owners: Policy | None = None,
    finished: bool = False,
    maps: Mapping[str, StageMap] = MAPS,
    people: Directory = PEOPLE,
    room: Mapping[str, Capacity] = ROOM,
    writes: Mapping[str, Iterable[FieldName]] | None = None,
    fingerprint: str = "f1",
) -> Terms:
    may: dict[str, frozenset[FieldName]] = dict.fromkeys(maps, frozenset({STAGE, OWNERS}))
    may |= {tracker: frozenset(fields) for tracker, fields in (writes or {}).items()}
    policy = Policy(authority, adopt)
    return Terms(DELIVERY, maps, people, room, policy, owners or policy, finished, may, fingerprint)


def task(*items: Item, last_open: str | None = None) -> Task:
    return Task("t1", items, last_open)


def hops(now: Item, *to: str) -> dict[ItemRef, Workflow]:
    """What leaves an item's status, and that nothing leaves the others: ``hops(ji("Backlog"), "In Progress")``."""
    leaves = tuple(Transition(str(place), f"to {status}", status) for place, status in enumerate(to))
    return {now.ref: Workflow({**dict.fromkeys(to, ()), now.facts["status"][0]: leaves})}


def judged(
    rule: AnyRule,
    *tasks: Task,
    now: datetime = NOON,
    of: Terms | None = None,
    known: Mapping[str, Known] | None = None,
    calendar: Calendar = EVERY_DAY,
    **settings: object,
) -> tuple[Finding, ...]:
    """What one rule finds in some tasks, with these settings of its own; all days count unless a calendar is given."""
    said = {rule.name: [Amendment(settings=settings)]}
    book = Rulebook([rule], said, calendar=calendar)
    return diagnose(tasks, of or terms(), now, rulebook=book, known=known or {}).findings


def stage_verdict(
    now: Iterable[Item],
    was: Iterable[Item] = (),
    authority: str = "changed",
    adopt: str = "ask",
    *,
    maps: Mapping[str, StageMap] = MAPS,
    last_open: str | None = None,
) -> Verdict:
    past = bases(STAGE, was, terms(maps=maps))
    return merge_stage(tuple(now), maps, past, Policy(authority, adopt), DELIVERY, last_open=last_open)


def owners_verdict(
    now: Iterable[Item], was: Iterable[Item] = (), authority: str = "changed", adopt: str = "ask"
) -> Verdict:
    return merge_owners(tuple(now), PEOPLE, ROOM, bases(OWNERS, was), Policy(authority, adopt))


def told(verdict: Verdict) -> str:
    """A verdict as one line of a table."""
    match verdict:
        case Agreed(value):
            return f"agreed: {' '.join(value) or 'nothing'}"
        case Desired(value, targets, because, adoption, overruled):
            where = " ".join(ref.tracker for ref in targets)
            marks = ("; adoption" if adoption else "") + "".join(f"; overrules {ref.tracker}" for ref in overruled)
            return f"{where} := {' '.join(value) or 'nobody'}; {because}{marks}"
        case Disputed(sides, because):
            return f"conflict: {', '.join(f'{ref.tracker} {says}' for ref, says in sides)}; {because}"
        case Unclear(ref, because):
            return f"left alone: {ref.tracker} {because}"
