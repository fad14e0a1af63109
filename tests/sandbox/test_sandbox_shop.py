"""The shop's numbers, counted from what the two APIs answer and from its configuration, not from its table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

import httpx
import pytest
import yaml
from rapidfuzz.fuzz import token_sort_ratio

from trackersync.sandbox import GitHub, Jira, configuration, meanwhile, shop

NAMES = {person["name"]: person for person in yaml.safe_load(configuration())["people"]}
BY_ACCOUNT = {number: name for name, person in NAMES.items() for number in person["jira"]}
TRACKERS = yaml.safe_load(configuration())["trackers"]
STAGES = list(TRACKERS["github"]["stages"])
FINISHED = {"done", "cancelled"}


class Side(NamedTuple):
    name: str
    title: str
    stages: tuple[str, ...]
    owners: frozenset[str]
    updated: datetime
    assumed: bool = False


class Shop(NamedTuple):
    tasks: dict[str, tuple[Side | None, Side | None]]

    def open(self) -> dict[str, tuple[Side | None, Side | None]]:
        return {name: sides for name, sides in self.tasks.items() if stage_of(sides) not in FINISHED}


def stage_of(sides: tuple[Side | None, Side | None]) -> str:
    """A drifting task is counted in the earliest stage it claims; what is assumed or unknown claims nothing."""
    claimed = [stage for side in sides if side and not side.assumed for stage in side.stages]
    claimed = claimed or [stage for side in sides if side for stage in side.stages]
    return min(claimed, key=STAGES.index)


def github_side(row: dict[str, Any]) -> Side:
    labels = {label["name"] for label in row["labels"]}
    if row["state"] == "closed":
        stages: Iterable[str] = ["done" if row["state_reason"] == "completed" else "cancelled"]
    else:
        stages = [s for s, rule in TRACKERS["github"]["stages"].items() if labels & set(rule.get("labels", []))]
    stages = tuple(stages)
    owners = frozenset(user["login"] for user in row["assignees"])
    moment = datetime.fromisoformat(row["updated_at"])
    return Side(f"shop#{row['number']}", row["title"], stages or ("idea",), owners, moment, assumed=not stages)


def jira_side(row: dict[str, Any]) -> Side:
    fields = row["fields"]
    status, resolution = fields["status"]["name"], (fields["resolution"] or {}).get("name")
    rules = TRACKERS["jira"]["stages"].items()
    stages = tuple(s for s, rule in rules if status in rule["statuses"] and resolution in rule.get("resolutions", []))
    stages = stages or tuple(s for s, rule in rules if status in rule["statuses"] and "resolutions" not in rule)
    owner = fields["assignee"]
    owners = frozenset([BY_ACCOUNT[owner["accountId"]]] if owner else [])
    return Side(row["key"], fields["summary"], stages, owners, datetime.fromisoformat(fields["updated"]))


def key_named(row: dict[str, Any]) -> str | None:
    found = re.match(r"SHOP-\d+", row["title"]) or re.search(r"/browse/(SHOP-\d+)", row["body"] or "")
    return found[found.lastindex or 0] if found else None


@pytest.fixture
async def seen(hub: httpx.AsyncClient, cloud: httpx.AsyncClient) -> Shop:
    listed = (await hub.get("/repos/acme/shop/issues", params={"state": "all", "per_page": "100"})).json()
    body = {"jql": "project = SHOP", "maxResults": 100, "fields": ["*all"]}
    found = (await cloud.post("/search/jql", json=body)).json()["issues"]
    jira = {row["key"]: jira_side(row) for row in found}
    tasks: dict[str, tuple[Side | None, Side | None]] = {key: (side, None) for key, side in jira.items()}
    for row in listed:
        if "pull_request" in row:
            continue
        side, key = github_side(row), key_named(row)
        if key is None:
            tasks[side.name] = (None, side)
        else:
            assert tasks[key][1] is None, f"{key} is linked twice"
            tasks[key] = (jira[key], side)
    return Shop(tasks)


async def test_the_numbers_of_the_first_line(seen: Shop) -> None:
    sides = list(seen.tasks.values())
    assert sum(github is not None for _, github in sides) == 42
    assert sum(jira is not None for jira, _ in sides) == 44
    assert sum(None not in pair for pair in sides) == 38
    assert len(sides) == 48
    assert len(seen.open()) == 36


async def test_the_table_of_the_stages(seen: Shop) -> None:
    assert Counter(stage_of(sides) for sides in seen.open().values()) == {
        "idea": 7,
        "research": 1,
        "requirements": 3,
        "design": 3,
        "prototype": 1,
        "build": 12,
        "verify": 3,
        "release": 2,
        "distribute": 1,
        "launch": 1,
        "support": 2,
    }


async def test_no_owner(seen: Shop) -> None:
    without = {
        name: stage_of(sides)
        for name, sides in seen.open().items()
        if not frozenset.union(*(side.owners for side in sides if side))
    }
    assert without == {
        "SHOP-31": "build",
        "SHOP-38": "verify",
        "SHOP-47": "release",
        "shop#28": "idea",
        "shop#26": "idea",
    }


async def test_for_how_long_no_owner(seen: Shop, watch: Any) -> None:  # noqa: ANN401
    days = {"SHOP-31": 12, "SHOP-38": 6, "SHOP-47": 4, "shop#28": 9, "shop#26": 2}
    for name, expected in days.items():
        for side in seen.tasks[name]:
            assert side is None or (watch.now - side.updated).days == expected


async def test_duplicate_owners(seen: Shop) -> None:
    differ, many = {}, {}
    for name, (jira, github) in seen.open().items():
        if jira and github and jira.owners and github.owners and not jira.owners <= github.owners:
            differ[name] = (set(jira.owners), set(github.owners))
        elif github and len(github.owners) > 1:
            many[name] = set(github.owners)
    assert differ == {"SHOP-29": ({"alan-t"}, {"grace-h"}), "SHOP-44": ({"susan-k"}, {"ada-l"})}
    assert many == {"SHOP-35": {"ada-l", "grace-h"}, "shop#19": {"ada-l", "grace-h", "kath-j"}}


async def test_stage_drift(seen: Shop) -> None:
    drift = {
        name: (jira.stages, github.stages)
        for name, (jira, github) in seen.tasks.items()
        if jira and github and (not set(jira.stages) & set(github.stages) or len(github.stages) > 1)
    }
    assert drift == {
        "SHOP-33": (("build",), ("done",)),
        "SHOP-40": (("verify",), ("build",)),
        "SHOP-42": (("build",), ("idea",)),
        "SHOP-36": (("verify",), ("build", "verify")),
        "SHOP-27": ((), ("build",)),
    }


async def test_owners_that_github_lacks(seen: Shop) -> None:
    lacking = {
        github.name: next(iter(jira.owners))
        for jira, github in seen.open().values()
        if jira and github and jira.owners and not github.owners
    }
    assert lacking == {
        "shop#17": "ada-l", "shop#29": "margaret-h", "shop#30": "susan-k", "shop#31": "margaret-h",
        "shop#32": "grace-h", "shop#34": "ada-l", "shop#35": "alan-t", "shop#36": "kath-j", "shop#38": "kath-j",
        "shop#39": "radia-p",
    }  # fmt: skip
    numbers = {sides[1].name: name for name, sides in seen.tasks.items() if sides[0] and sides[1]}
    assert all(numbers[f"shop#{number}"] == f"SHOP-{number + 19}" for number in range(29, 43))


async def test_no_other_titles_are_alike(seen: Shop) -> None:
    titles = {name: re.sub(r"^SHOP-\d+ ", "", (sides[0] or sides[1]).title) for name, sides in seen.open().items()}  # type: ignore[union-attr]
    alike = {
        frozenset([one, other])
        for one, other in combinations(titles, 2)
        if token_sort_ratio(titles[one].casefold(), titles[other].casefold()) > 65
    }
    assert alike == {frozenset(["SHOP-42", "SHOP-46"]), frozenset(["SHOP-31", "shop#23"])}


async def test_seventeen_tasks_are_clean_and_the_findings_name_the_right_people(seen: Shop) -> None:
    findings = {
        "no owner": ["SHOP-31", "SHOP-38", "SHOP-47", "shop#28", "shop#26"],
        "duplicate owner": ["SHOP-29", "SHOP-44", "SHOP-35", "shop#19"],
        "stage drift": ["SHOP-33", "SHOP-40", "SHOP-42", "SHOP-36", "SHOP-27"],
        "duplicate task": ["SHOP-46", "shop#23"],
        "other": ["SHOP-45", "SHOP-22", "SHOP-24"],
    }
    named = {name for names in findings.values() for name in names}
    assert len(set(seen.open()) - named) == 17
    people: Counter[str] = Counter()
    for name in (name for group, names in findings.items() if group != "no owner" for name in names):
        sides = seen.tasks[name] + (seen.tasks["SHOP-42"] if name == "SHOP-46" else ())
        people.update(frozenset.union(*(side.owners for side in sides if side)))
    assert people == {"ada-l": 6, "grace-h": 6, "alan-t": 3, "kath-j": 2, "margaret-h": 1, "susan-k": 1, "tim-b": 1}


async def test_what_the_other_rules_will_need(cloud: httpx.AsyncClient, seen: Shop, watch: Any) -> None:  # noqa: ANN401
    child = (await cloud.get("/issue/SHOP-35")).json()["fields"]
    assert child["parent"]["key"] == "SHOP-45"
    assert child["issuetype"]["subtask"] is True
    parent = (await cloud.get("/issue/SHOP-45")).json()["fields"]
    assert [row["key"] for row in parent["subtasks"]] == ["SHOP-35"]
    assert [row["outwardIssue"]["key"] for row in parent["issuelinks"]] == ["SHOP-22"]
    stuck = seen.tasks["SHOP-22"]
    assert all((watch.now - side.updated).days == 34 for side in stuck if side)
    assert (await cloud.get("/issue/SHOP-24")).json()["fields"]["assignee"]["active"] is False
    assert "marketing" not in {role for person in NAMES.values() for role in person["roles"]}
    assert sum(side.assumed for _, side in seen.open().values() if side) == 4


async def test_finished_tasks_leave_no_stage_label_behind(hub: httpx.AsyncClient) -> None:
    rows = (await hub.get("/repos/acme/shop/issues", params={"state": "closed", "per_page": "100"})).json()
    assert len(rows) == 9
    assert not [row for row in rows for label in row["labels"] if label["name"].startswith("stage:")]
    labels = (await hub.get("/repos/acme/shop/labels", params={"per_page": "100"})).json()
    assert sum(label["name"].startswith("stage: ") for label in labels) == 11


async def test_people_go_on_working_meanwhile(github: GitHub, jira: Jira, watch: Any) -> None:  # noqa: ANN401
    watch.pass_by(minutes=1)
    said = meanwhile(github, jira)
    assert said[0] == "ada-l moves SHOP-42 to In Review in jira"
    assert said[1] == "grace-h hands shop#32 to ada-l on github"
    assert (jira.issue("SHOP-42").status, github.issue(32).assignees) == ("In Review", ("ada-l",))
    assert github.events[-1].actor == "grace-h"


def test_every_status_can_be_reached_and_done_from_in_progress_only_through_in_review() -> None:
    workflow = shop.workflow()
    ways = {status.name: {way.to for way in workflow.from_status(status.name)} for status in workflow.statuses}
    for start in ways:
        seen, edge = {start}, {start}
        while edge := {to for name in edge for to in ways[name]} - seen:
            seen |= edge
        assert seen == set(ways)
    assert "Done" not in ways["In Progress"]
    assert [name for name in ways["In Progress"] if "Done" in ways[name]] == ["In Review"]
    assert not {way.name for way in workflow.transitions} & set(ways)


async def test_the_doctor_finds_a_token_that_ends_and_a_right_too_many(
    hub: httpx.AsyncClient, cloud: httpx.AsyncClient
) -> None:
    header = (await hub.get("/user")).headers["github-authentication-token-expiration"]
    assert header == "2026-03-28 09:12:00 UTC"
    rights = await cloud.get("/mypermissions", params={"permissions": "ADMINISTER_PROJECTS", "projectKey": "SHOP"})
    assert rights.json()["permissions"]["ADMINISTER_PROJECTS"]["havePermission"] is True


def test_the_configuration_names_every_status_and_every_label() -> None:
    assert STAGES[-2:] == ["done", "cancelled"]
    assert list(TRACKERS["jira"]["stages"]) == STAGES
    assert set(BY_ACCOUNT.values()) == set(NAMES)
    assert "${GITHUB_URL}" in configuration()
    assert "${JIRA_URL}" in configuration()
