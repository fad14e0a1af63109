from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from trackersync.sandbox import LoadError, Options, build

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = "2016-02-16T22:43:14.123+0000"


def raw_jira(number: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    status = {"id": "1", "name": "Open", "statusCategory": {"id": 2, "key": "new"}}
    usual = {"summary": f"Task {number}", "status": status, "created": MOMENT, "updated": MOMENT, "labels": []}
    return {"id": str(500 + number), "key": f"ARROW-{number}", "fields": usual | fields}


def done(number: int, name: str) -> dict[str, Any]:
    status = {"id": "5", "name": "Resolved", "statusCategory": {"id": 3, "key": "done"}}
    assignee = {"name": name, "key": name, "displayName": name.title(), "active": True}
    resolution = {"id": "1", "name": "Fixed"}
    return raw_jira(number, status=status, assignee=assignee, resolution=resolution, resolutiondate=MOMENT)


def payload(key: str | None = None, **issue: Any) -> dict[str, Any]:  # noqa: ANN401
    usual = {"title": "A", "body": "B", "created_at": "2016-02-16T22:43:14.000Z", "labels": ["x"], "closed": False}
    return {"issue": usual | issue, "comments": [{"body": "hello"}]} | ({"_jira_key": key} if key else {})


def write(path: Path, *rows: object) -> Path:
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["jira.jsonl", "jira.jsonl.gz"])
def test_jira_issues_keep_their_ids_keys_and_times(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, raw_jira(1), "", done(2, "wesm"))
    _, jira = build(Options(load_jira=file))
    assert jira.projects == ("ARROW",)
    issue = jira.issue("ARROW-2")
    assert (issue.id, issue.resolution, issue.assignee) == (502, "Fixed", "wesm")
    from trackersync.sandbox import moments  # noqa: PLC0415

    assert moments.jira(issue.updated) == moments.jira(issue.resolved or 0) == MOMENT
    assert jira.create("New").key == "ARROW-3"


def test_a_loaded_workflow_goes_from_any_status_to_any(tmp_path: Path) -> None:
    _, jira = build(Options(load_jira=write(tmp_path / "jira.jsonl", done(2, "wesm"), raw_jira(1))))
    (way,) = jira.workflows["ARROW"].from_status("Open")
    assert (way.to, way.name, way.screen, way.required) == (
        "Resolved",
        "Move to Resolved",
        ("resolution",),
        frozenset(),
    )
    jira.transition("ARROW-1", way)
    assert jira.issue("ARROW-1").resolution is None
    jira.transition("ARROW-2", jira.workflows["ARROW"].from_status("Resolved")[0])
    assert (jira.issue("ARROW-2").status, jira.issue("ARROW-2").resolution) == ("Open", None)


def test_payloads_are_numbered_in_the_files_order_and_their_key_is_kept_apart(tmp_path: Path) -> None:
    closed = payload("ARROW-7", closed=True, closed_at="2017-01-01T00:00:00Z", milestone=2)
    file = write(tmp_path / "github.jsonl", payload("ARROW-9"), closed)
    github, jira = build(Options(load_github=file, repository="apache/arrow", project="ARROW"))
    assert github.truth == {1: "ARROW-9", 2: "ARROW-7"}
    issue = github.issue(2)
    assert (issue.state, issue.reason, issue.milestone, issue.comments) == ("closed", None, 2, 1)
    assert "ARROW-7" not in repr(issue)
    assert (jira.projects, len(jira.issues)) == (("ARROW",), 0)


def test_rest_issues_keep_their_numbers(tmp_path: Path) -> None:
    row = {
        "number": 77, "title": "A", "state": "closed", "state_reason": "not_planned", "user": {"login": "kou"},
        "labels": [{"name": "bug", "color": "ededed"}, "old"], "assignees": [{"login": "wesm"}], "comments": 3,
        "created_at": "2016-02-16T22:43:14Z", "updated_at": "2016-03-16T22:43:14Z", "closed_at": "2016-03-16T22:43:14Z",
        "milestone": {"number": 4, "title": "Spring"}, "pull_request": {"url": "x"},
    }  # fmt: skip
    github, _ = build(Options(load_github=write(tmp_path / "github.jsonl", row)))
    issue = github.issue(77)
    assert (issue.labels, issue.assignees, issue.reason, issue.author) == (
        ("bug", "old"),
        ("wesm",),
        "not_planned",
        "kou",
    )
    assert (issue.pull, issue.comments, github.milestones) == (True, 3, {4: "Spring"})
    assert github.create("Next").number == 78


def test_owners_of_loaded_issues_are_the_mapped_assignees_of_even_pairs(tmp_path: Path) -> None:
    jira = write(tmp_path / "jira.jsonl", *[done(number, f"user{number}") for number in (1, 2, 4)])
    github = write(tmp_path / "github.jsonl", *[payload(f"ARROW-{number}") for number in (1, 2, 4, 6)])
    people = write(tmp_path / "map.csv", "One,user1,hub1", "Two,user2,hub2", "", "Four,user4,", '"Nine, N",user9,hub9')
    hub, _ = build(Options(load_jira=jira, load_github=github, user_map=people))
    assert [hub.issue(number).assignees for number in (1, 2, 3, 4)] == [(), ("hub2",), (), ()]
    assert set(hub.assignable) == {"hub1", "hub2", "hub9"}


def test_without_files_it_is_the_shop_and_with_one_the_other_tracker_is_empty(tmp_path: Path) -> None:
    github, jira = build(Options())
    assert (len(github.issues), len(jira.issues)) == (44, 44)
    github, jira = build(Options(load_jira=write(tmp_path / "jira.jsonl", raw_jira(1))))
    assert (len(github.issues), len(jira.issues)) == (0, 1)


def test_the_shop_under_another_name() -> None:
    github, jira = build(Options(repository="octo/store", project="STORE"))
    assert github.issue(17).title.startswith("STORE-42 ")
    assert "/browse/STORE-31" in (github.issue(9).body or "")
    assert jira.issue("STORE-35").parent == "STORE-45"


@pytest.mark.parametrize(
    ("option", "rows", "words"),
    [
        ("load_jira", [raw_jira(1), "{broken"], "file.jsonl:2: no Jira issue"),
        ("load_jira", [raw_jira(1), "", {"id": "7", "key": "A-1"}], "file.jsonl:3: no Jira issue.*fields"),
        ("load_jira", [raw_jira(1, created="today")], "file.jsonl:1: no Jira issue.*today"),
        ("load_jira", [raw_jira(1) | {"key": "ARROW"}], "file.jsonl:1: no Jira issue.*'ARROW'"),
        ("load_jira", [raw_jira(1), raw_jira(1)], "file.jsonl:2: ARROW-1 has the id 501"),
        (
            "load_jira",
            [raw_jira(1, status={"id": "1", "name": "A", "statusCategory": {"key": "odd"}})],
            "status category",
        ),
        ("load_github", [payload(), {"title": "A"}], "file.jsonl:2: neither.*number"),
        ("load_github", [payload(created_at="soon")], "file.jsonl:1: neither.*soon"),
        ("load_github", ["[]"], "file.jsonl:1: neither"),
        ("user_map", ["a,b,c", "only,two"], "file.jsonl:2: three columns"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, option: str, rows: list[object], words: str) -> None:
    file = write(tmp_path / "file.jsonl", *rows)
    with pytest.raises(LoadError, match=words):
        build(Options(**{option: file}))  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"repository": "shop"}, {"repository": "a/b/c"}, {"project": "shop floor"}])
def test_a_name_that_cannot_be_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="write"):
        build(Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("option", ["load_jira", "load_github", "user_map"])
def test_a_file_that_is_not_there_says_so(tmp_path: Path, option: str) -> None:
    with pytest.raises(LoadError, match=r"missing\.jsonl.*cannot be read"):
        build(Options(**{option: tmp_path / "missing.jsonl"}))  # type: ignore[arg-type]


def test_a_broken_archive_says_so(tmp_path: Path) -> None:
    file = write(tmp_path / "jira.jsonl.gz", *[raw_jira(number) for number in range(1, 2000)])
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(LoadError, match="cannot be read"):
        build(Options(load_jira=file))
