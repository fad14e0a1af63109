"""Every issue that Apache Arrow had in Jira, as it came from there: what we claim to keep is kept, by the store too.

Judged by the raw JSON alone: what an item must show is told here a second time, without a line of the connector.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from acceptance.arrow import NOT_DONE, Fact
from trackersync.config.process import process
from trackersync.connector import Page
from trackersync.core.mapping import StageRule
from trackersync.core.stages import StageMap
from trackersync.store import Store
from trackersync_jira import connector
from trackersync_jira.items import accounts, item
from trackersync_jira.names import seen
from trackersync_jira.relations import ties
from trackersync_jira.shapes import Found, Issue
from trackersync_jira.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trackersync.core.model import Item

# With xdist all of it in one worker: the file is read once.
pytestmark = pytest.mark.xdist_group("arrow items")

SITE = "https://issues.apache.org/jira"
URL = re.compile(r"https?://\w\S*")
KEY = re.compile(r"(?<![\w/#-])ARROW-\d+(?![\w-])")
RUN_ON = {"ARROW-17936": {"ARROW-17178"}}
"""The one key in 18,285 texts that is not found: dots run it on into the next word, so it is no word of its own."""
RULES = (
    StageRule("idea", {"status": ("Open", "Reopened")}, {}),
    StageRule("build", {"status": ("In Progress",)}, {}),
    StageRule("cancelled", {"status": ("Closed", "Resolved"), "resolution": NOT_DONE}, {}),
    StageRule("done", {"status": ("Resolved", "Closed")}, {"resolution": ("Fixed",)}),
)


@pytest.fixture(scope="session")
def raws(shared: Path) -> list[bytes]:
    """The raw issues, a JSON each."""
    with gzip.open(shared / "data" / "arrow" / "jira_source.jsonl.gz") as lines:
        return list(lines)


@pytest.fixture(scope="session")
def issues(raws: list[bytes]) -> list[Issue]:
    """The same as the connector reads a page of them."""
    page = b'{"issues": [' + b",".join(raws) + b"]}"
    return msgspec.json.decode(page, type=Found).issues


@pytest.fixture(scope="session")
def items(issues: list[Issue]) -> list[Item]:
    site = Site("jira", SITE, cloud=False, ties=ties({"blocks": ["Blocker", "Blocks"], "duplicate": ["Duplicate"]}))
    return [item(site, issue) for issue in issues]


def moment(text: str) -> datetime:
    """A time of the raw file, read the long way."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def named(value: dict[str, Any] | None, word: str = "name") -> tuple[str, ...]:
    return () if value is None else (value[word],)


def claimed(raw: dict[str, Any]) -> dict[str, object]:
    """What we claim to keep of an issue, from its raw JSON."""
    fields = raw["fields"]
    return {
        "id": raw["id"],
        "key": raw["key"],
        "url": f"{SITE}/browse/{raw['key']}",
        "title": " ".join(fields["summary"].split()),
        "container": fields["project"]["key"],
        "created": moment(fields["created"]),
        "updated": moment(fields["updated"]),
        "status": named(fields["status"]),
        "category": named(fields["status"]["statusCategory"], "key"),
        "resolution": named(fields["resolution"]),
        "owners": named(fields["assignee"]),
        "type": named(fields["issuetype"]),
        "project": named(fields["project"], "key"),
        "priority": named(fields["priority"]),
        "labels": tuple(fields["labels"]),
        "components": tuple(component["name"] for component in fields["components"]),
        "released": _released(fields["fixVersions"]),
        "parent": named(fields.get("parent"), "key"),
        "due": () if not fields.get("duedate") else (fields["duedate"],),
        "progress": _progress(fields["subtasks"]),
        "blocked": _blocked(fields["issuelinks"]),
        "duplicate_of": tuple(
            link["outwardIssue"]["key"]
            for link in fields["issuelinks"]
            if link["type"]["name"] == "Duplicate" and "outwardIssue" in link
        ),
    }


def _done(other: dict[str, Any]) -> bool:
    return bool(other["fields"]["status"]["statusCategory"]["key"] == "done")


def _progress(parts: list[dict[str, Any]]) -> tuple[str, ...]:
    return (f"{sum(map(_done, parts))}/{len(parts)}",) if parts else ()


def _released(versions: list[dict[str, Any]]) -> tuple[str, ...]:
    if not versions:
        return ()
    return ("released",) if True in {version["released"] for version in versions} else ("unreleased",)


def _blocked(links: list[dict[str, Any]]) -> tuple[str, ...]:
    by = [
        link["inwardIssue"] for link in links if link["type"]["name"] in {"Blocker", "Blocks"} and "inwardIssue" in link
    ]
    if not by:
        return ()
    return ("cleared",) if all(map(_done, by)) else ("open",)


def shown(found: Item) -> dict[str, object]:
    """What an item shows, by the same names."""
    fields = ("key", "url", "title", "container", "created", "updated")
    return {"id": found.ref.id, **{name: getattr(found, name) for name in fields}, **found.facts}


def differences(raws: list[bytes], items: list[Item]) -> Iterator[str]:
    for raw, found in zip(raws, items, strict=True):
        wanted, got = claimed(json.loads(raw)), shown(found)
        yield from (
            f"{found.key} {name}: {value!r} is {got.get(name)!r}"
            for name, value in wanted.items()
            if got.get(name) != value
        )


def test_nothing_is_lost_that_we_claim_to_keep(raws: list[bytes], items: list[Item]) -> None:
    assert len(items) == 18_285
    assert list(differences(raws, items)) == []


def test_what_texts_mention_is_found(raws: list[bytes], items: list[Item]) -> None:
    found = Counter[str]()
    for raw, one in zip(raws, items, strict=True):
        text = json.loads(raw)["fields"]["description"] or ""
        assert all(url in text for url in one.urls), one.key
        assert one.urls or not URL.search(text), one.key
        missed = set(KEY.findall(URL.sub(" ", text))) - set(one.keys)
        assert missed == RUN_ON.get(one.key, set()), one.key
        found.update(urls=bool(one.urls), keys=bool(one.keys))
    assert found["urls"] > 5_000
    assert found["keys"] > 1_000


def test_the_store_gives_back_what_it_was_given(issues: list[Issue], items: list[Item]) -> None:
    site = Site("jira", SITE, cloud=False)
    with Store("sqlite://") as store:
        people, names = accounts(site, issues), seen(issues)
        scan = store.begin_scan("jira", "ARROW", items[0].updated)
        store.put_names("jira", names)
        written = store.put_page("jira", Page(tuple(items), people, "ARROW", complete=True, named=names), scan=scan)
        assert (written.new, written.older) == (18_285, 0)
        kept = {found.ref: found for found in store.items("jira")}
        assert kept == {found.ref: found for found in items}
        assert {one.id for one in store.accounts()} == {owner for one in items for owner in one.facts["owners"]}
        assert {one.named.name for one in store.names("jira") if one.named.fact == "status"} == {
            name for one in items for name in one.facts["status"]
        }


def test_every_issue_is_classified_as_the_raw_file_says(raws: list[bytes], items: list[Item]) -> None:
    stages = StageMap("jira", process("delivery"), connector.vocabulary, RULES)
    counted = Counter[str]()
    for raw, found in zip(raws, items, strict=True):
        fields = json.loads(raw)["fields"]
        fact = Fact(found.key, fields["status"]["statusCategory"]["key"], fields["status"]["name"],
                    (fields["resolution"] or {}).get("name"), None)  # fmt: skip
        reading = stages.read(found.facts)
        assert (reading.kind, reading.first) == ("stated", fact.stage), found.key
        counted[fact.stage] += 1
        counted["nobody's"] += fact.open and not found.facts["owners"]
    assert (counted["build"], counted["idea"], counted["nobody's"]) == (147, 2_742, 2_662)
    assert counted["done"] + counted["cancelled"] == 18_285 - 2_889
