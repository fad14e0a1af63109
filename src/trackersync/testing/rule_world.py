"""A small world for the tests of a rule, in which a task is a line.

Two trackers keep one delivery process: ``github`` says stages by labels and holds ten owners, ``jira`` by a status and
holds one. Accounts bear their persons' names. Whatever a rule looks at besides is given as a fact::

    issue("build", "security", owners="ada-l", days=12)       # an issue that was last touched twelve days ago
    task(issue("build"), ticket("verify", owners="grace-h"))  # two items that are the same work
    issue("launch", number=2, blockers="acme/shop#1")         # another task that waits for the first
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from trackersync.core.mapping import StageRule
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS, Account, Capacity, Facts, Item, ItemRef, Person
from trackersync.core.people import Directory
from trackersync.core.process import Category, Phase, Process, Stage
from trackersync.core.stages import StageMap
from trackersync.core.terms import Task, Terms
from trackersync.testing.shapes import GITHUB_LIKE, JIRA_LIKE

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
"""The moment of looking: a Thursday, at noon."""
_STAGES: tuple[tuple[str, str, Category, str, float | None], ...] = (
    ("idea", "development", "backlog", "product manager", None),
    ("build", "development", "started", "engineer", 10),
    ("verify", "development", "started", "QA tester", 5),
    ("launch", "deployment", "started", "marketing", 5),
    ("done", "", "done", "", None),
    ("cancelled", "", "cancelled", "", None),
)
PROCESS = Process(
    "small",
    tuple(
        Stage(key, key.capitalize(), phase, category, "", "", (role,) if role else (), expected)
        for key, phase, category, role, expected in _STAGES
    ),
    (Phase("development", "Development", {}), Phase("deployment", "Deployment", {})),
)
"""idea, build, verify; launch; done and cancelled."""
PEOPLE = (
    ("ada-l", "engineer"),
    ("grace-h", "QA tester"),
    ("alan-t", "marketing"),
)
"""Who there is, and the role they hold. Any other name is an account that nobody mapped; ``build-bot`` is a bot."""
BOT = "build-bot"
_FINISHED: Mapping[str, Mapping[str, Facts]] = {
    "github": {
        "done": {"state": ("closed",), "reason": ("completed",)},
        "cancelled": {"state": ("closed",), "reason": ("not_planned",)},
    },
    "jira": {
        "done": {"status": ("Done",), "resolution": ("Done",)},
        "cancelled": {"status": ("Cancelled",), "resolution": ("Won't Do",)},
    },
}


def issue(
    stage: str = "build",
    *labels: str,
    owners: str = "",
    number: int = 1,
    days: float = 0,
    age: float | None = None,
    title: str = "",
    container: str = "acme/shop",
    **facts: str,
) -> Item:
    """An issue of GitHub's kind.

    Args:
        stage: the stage it is labelled with; closed for ``done`` and ``cancelled``; empty: it does not say.
        labels: other labels it bears.
        owners: its owners' names, with spaces between them.
        number: its number.
        days: so long ago it was touched last.
        age: so many days ago it was made; by default, and at the latest, when it was touched last.
        title: its title.
        container: its repository.
        facts: any other facts, each with its values and spaces between them: ``blockers="acme/shop#2"``.
    """
    ends = _FINISHED["github"].get(stage)
    own = (f"stage: {stage}",) if stage and ends is None else ()
    shown: Facts = {"labels": (*own, *labels), "state": ("open",), "reason": (), **(ends or {})}
    shown = _shown(shown, owners, facts)
    key = f"{container}#{number}"
    return _item("github", key, number, shown, days=days, age=age, title=title, container=container)


def ticket(
    stage: str = "build",
    *labels: str,
    owners: str = "",
    number: int = 1,
    days: float = 0,
    age: float | None = None,
    title: str = "",
    container: str = "SHOP",
    **facts: str,
) -> Item:
    """An issue of Jira's kind, its status named like the stage: ``Build``. What it takes is as with ``issue``."""
    ends = _FINISHED["jira"].get(stage)
    status = stage.capitalize() or "Somewhere"
    shown: Facts = {"labels": labels, "status": (status,), "resolution": (), **(ends or {})}
    shown = _shown(shown, owners, facts)
    key = f"{container}-{number}"
    return _item("jira", key, number, shown, days=days, age=age, title=title, container=container)


def task(*items: Item) -> Task:
    """Items that are the same work, at most one of each tracker."""
    return Task(items[0].key, items)


def finished(some: Task, stage: str = "done") -> Task:
    """The same task once it is done or cancelled; whatever its items show besides stays."""
    return replace(
        some,
        items=tuple(replace(one, facts={**one.facts, **_FINISHED[one.ref.tracker][stage]}) for one in some.items),
    )


def terms() -> Terms:
    """All that a configuration of this world decides."""
    shapes = {"github": GITHUB_LIKE, "jira": JIRA_LIKE}
    return Terms(
        process=PROCESS,
        maps={name: StageMap(name, PROCESS, shape.vocabulary, tuple(_rules(name))) for name, shape in shapes.items()},
        people=Directory(
            [Person(name, dict.fromkeys(shapes, (name,)), roles=(role,)) for name, role in PEOPLE],
            [Account(tracker, BOT, BOT, human=False) for tracker in shapes],
            shapes,
        ),
        capacities={"github": Capacity(10), "jira": Capacity(1)},
        stage=Policy("changed", "ask"),
        owners=Policy("changed", "ask"),
        finished=False,
        writes={name: frozenset({"stage", "owners"}) for name in shapes},
        fingerprint="small",
    )


def _rules(tracker: str) -> Iterable[StageRule]:
    for stage in PROCESS.stages:
        ends = _FINISHED[tracker].get(stage.key)
        if ends is not None:
            yield StageRule(stage.key, {fact: values for fact, values in ends.items() if fact != "resolution"}, {})
        elif tracker == "github":
            yield StageRule(stage.key, {"labels": (f"stage: {stage.key}",)}, {})
        else:
            yield StageRule(stage.key, {"status": (stage.key.capitalize(),)}, {})


def _item(
    tracker: str,
    key: str,
    number: int,
    facts: Facts,
    *,
    days: float,
    age: float | None,
    title: str,
    container: str,
) -> Item:
    made = NOW - timedelta(days=days if age is None else max(age, days))
    return Item(
        ItemRef(tracker, f"{container}/{number}"),
        key,
        f"https://{tracker}.example/{container}/{number}",
        title or f"Task {number}",
        container,
        made,
        NOW - timedelta(days=days),
        facts,
    )


def _shown(own: Facts, owners: str, more: Mapping[str, str]) -> Facts:
    return {**own, OWNERS: tuple(owners.split()), **{fact: tuple(values.split()) for fact, values in more.items()}}
