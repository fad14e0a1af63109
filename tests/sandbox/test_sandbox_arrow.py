"""A real project, 18,000 issues in each tracker, loaded and read whole through the real paging."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from trackersync.sandbox import Options, Sandbox, moments, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ARROW = Path(__file__).parents[3] / "shared" / "data" / "arrow"

pytestmark = [
    pytest.mark.skipif(not ARROW.is_dir(), reason=f"the Arrow data is not beside the checkout ({ARROW})"),
    pytest.mark.xdist_group("arrow"),
]


@pytest.fixture(scope="module")
def arrow() -> Iterator[Sandbox]:
    options = Options(
        repository="apache/arrow",
        project="ARROW",
        load_jira=ARROW / "jira_source.jsonl.gz",
        load_github=ARROW / "github_staged.jsonl.gz",
        user_map=ARROW / "jira-to-github-user-mapping.csv",
    )
    start = time.monotonic()
    with running(options) as both:
        # Generous for a slow machine: a laptop takes four seconds.
        assert time.monotonic() - start < 30
        yield both


def test_everything_is_served(arrow: Sandbox) -> None:
    assert (len(arrow.jira.issues), len(arrow.github.issues)) == (18_285, 18_217)
    assert sum(issue.assignee is not None for issue in arrow.jira.issues.values()) == 13_233
    assert len(arrow.github.truth) == 18_217


def test_half_of_the_pairs_have_the_mapped_owner(arrow: Sandbox) -> None:
    for number, issue in arrow.github.issues.items():
        odd = int(arrow.github.truth[number].rpartition("-")[2]) % 2
        assert not (odd and issue.assignees)
    owned = sum(bool(issue.assignees) for issue in arrow.github.issues.values())
    assert 5_000 < owned < 7_000


def test_every_github_issue_once_by_following_next(arrow: Sandbox) -> None:
    seen: Counter[int] = Counter()
    with httpx.Client(headers={"authorization": "Bearer good"}) as client:
        url = f"{arrow.github_url}/repos/apache/arrow/issues?state=all&sort=updated&direction=asc&per_page=100"
        while url:
            answer = client.get(url)
            seen.update(row["number"] for row in answer.json())
            url = answer.links.get("next", {}).get("url", "")
    assert len(seen) == seen.total() == 18_217


def test_every_github_issue_by_key_set(arrow: Sandbox) -> None:
    seen: set[int] = set()
    since, url = "2000-01-01T00:00:00Z", f"{arrow.github_url}/repos/apache/arrow/issues"
    with httpx.Client(headers={"authorization": "Bearer good"}) as client:
        while True:
            query = {"state": "all", "sort": "updated", "direction": "asc", "per_page": "100", "since": since}
            answer = client.get(url, params=query)
            rows = answer.json()
            fresh = {row["number"] for row in rows} - seen
            seen |= fresh
            if len(rows) < 100:
                break
            while rows[-1]["updated_at"] == since and "next" in answer.links:
                answer = client.get(answer.links["next"]["url"])
                rows = answer.json()
                seen |= {row["number"] for row in rows}
            since = rows[-1]["updated_at"]
    assert len(seen) == 18_217


def test_every_jira_issue_once_by_token(arrow: Sandbox) -> None:
    seen: Counter[str] = Counter()
    body = {
        "jql": "project = ARROW ORDER BY updated ASC",
        "maxResults": 100,
        "fields": ["summary", "status", "assignee"],
    }
    with httpx.Client(auth=("bot@acme.example", "good"), base_url=arrow.jira_url) as client:
        while True:
            page = client.post("/rest/api/3/search/jql", json=body).json()
            seen.update(row["key"] for row in page["issues"])
            if page["isLast"]:
                break
            body["nextPageToken"] = page["nextPageToken"]
    assert len(seen) == seen.total() == 18_285


def test_every_jira_issue_by_key_set_on_data_center(arrow: Sandbox) -> None:
    seen: set[str] = set()
    since = 0
    with httpx.Client(headers={"authorization": "Bearer good"}, base_url=arrow.jira_url) as client:
        while True:
            jql = f"project = ARROW AND updated >= {since} ORDER BY updated ASC"
            query = {"jql": jql, "maxResults": "1000", "fields": "updated"}
            rows = client.get("/rest/api/2/search", params=query).json()["issues"]
            seen |= {row["key"] for row in rows}
            last = moments.milliseconds(moments.parse(rows[-1]["fields"]["updated"]))
            if len(rows) < 1000:
                break
            assert last > since
            since = last
    assert len(seen) == 18_285


def test_issues_are_served_as_the_file_has_them(arrow: Sandbox) -> None:
    with gzip.open(ARROW / "jira_source.jsonl.gz") as file:
        rows = [json.loads(line) for line in islice(file, 0, 1000, 10)]
    with httpx.Client(auth=("bot@acme.example", "good"), base_url=arrow.jira_url) as client:
        body = {"issueIdsOrKeys": [row["key"] for row in rows], "fields": ["*all"]}
        served = {row["id"]: row for row in client.post("/rest/api/2/issue/bulkfetch", json=body).json()["issues"]}
    for row in rows:
        shown, fields = served[row["id"]]["fields"], row["fields"]
        assert served[row["id"]]["key"] == row["key"]
        for name in ("summary", "description", "created", "updated", "resolutiondate", "labels"):
            assert shown[name] == fields[name], (row["key"], name)
        for name in ("status", "resolution", "issuetype", "priority"):
            assert (shown[name] or {}).get("name") == (fields[name] or {}).get("name")
            assert (shown[name] or {}).get("id") == (fields[name] or {}).get("id")
        assert (shown["assignee"] or {}).get("name") == (fields["assignee"] or {}).get("name")
