"""Jira's issues as items: times, people, and the words in both forms of description."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jira_doubles import raw

from trackersync.connector import UnavailableError
from trackersync_jira.document import plain
from trackersync_jira.items import FIELDS, Site, accounts, item, milliseconds
from trackersync_jira.shapes import Found, Issue
from trackersync_jira.vocabulary import VOCABULARY

CLOUD = Site("jira", "https://acme.atlassian.net", cloud=True)
DATA_CENTER = Site("jira", "https://jira.acme.example", cloud=False)
ADA = {"accountId": "5b10a", "name": "ada-l", "displayName": "Ada", "emailAddress": "", "active": True}
ARROW = Path(__file__).resolve().parents[3] / "shared" / "data" / "arrow" / "jira_source.jsonl.gz"


def issue(**fields: object) -> Issue:
    return msgspec.convert(raw(42, **fields), Issue)


def test_every_fact_of_an_issue() -> None:
    shown = item(
        CLOUD,
        issue(
            summary=" Gift  cards\n",
            status={"name": "Done", "statusCategory": {"key": "done"}},
            resolution={"name": "Won't Do"},
            assignee=ADA,
            labels=["checkout", "Checkout"],
            components=[{"id": "1", "name": "Cart"}],
            fixVersions=[{"name": "1.0", "released": False}, {"name": "0.9", "released": True}],
            updated="2026-03-05T10:12:00.123+0100",
        ),
    )

    assert shown.ref.id == "10042"
    assert (shown.key, shown.title, shown.container) == ("SHOP-42", "Gift cards", "SHOP")
    assert shown.url == "https://acme.atlassian.net/browse/SHOP-42"
    assert shown.updated == datetime(2026, 3, 5, 9, 12, 0, 123_000, tzinfo=UTC)
    assert shown.facts == {
        "status": ("Done",),
        "resolution": ("Won't Do",),
        "owners": ("5b10a",),
        "type": ("Task",),
        "priority": ("Medium",),
        "category": ("done",),
        "labels": ("checkout", "Checkout"),
        "project": ("SHOP",),
        "components": ("Cart",),
        "released": ("released",),
    }


def test_what_jira_leaves_out_is_empty() -> None:
    bare = {"project": {"key": "SHOP"}, "created": "2026-01-01T00:00:00.000+0000", "updated": "2026-01-01T00:00:00Z"}
    shown = item(DATA_CENTER, msgspec.convert({"id": "1", "key": "SHOP-1", "fields": bare}, Issue))

    assert shown.title == ""
    assert {fact for fact, values in shown.facts.items() if values} == {"project"}


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"project", "created", "updated"}))
def test_a_null_is_no_traceback(name: str) -> None:
    assert item(CLOUD, issue(**{name: None})).key == "SHOP-42"


@pytest.mark.parametrize(
    ("site", "account", "words"),
    [
        pytest.param(CLOUD, {"name": "ada-l"}, "no accountId.*deployment: data center", id="Cloud"),
        pytest.param(DATA_CENTER, {"accountId": "5b10a"}, "no user name.*deployment: cloud", id="Data Center"),
    ],
)
def test_an_account_without_its_id_is_never_taken_by_another(site: Site, account: dict[str, Any], words: str) -> None:
    with pytest.raises(UnavailableError, match=words):
        item(site, issue(assignee=account))


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01T00:00:00.000+0000"])
def test_a_time_that_is_none_names_the_issue(text: str) -> None:
    with pytest.raises(UnavailableError, match="SHOP-42 bears a time"):
        item(CLOUD, issue(updated=text))


def test_milliseconds_are_exact() -> None:
    assert milliseconds(datetime(2026, 3, 5, 9, 0, 0, 999_000, tzinfo=UTC)) % 1000 == 999


def test_people_are_seen_once_and_apps_are_none() -> None:
    app = {"accountId": "app-1", "displayName": "Automation for Jira", "accountType": "app", "active": True}
    tim = {"accountId": "5b10c", "emailAddress": "tim-b@acme.example", "accountType": "atlassian", "active": False}
    seen = accounts(CLOUD, [issue(assignee=who) for who in (ADA, app, ADA, tim, None)])

    assert [(who.id, who.name, who.email, who.active, who.human) for who in seen] == [
        ("5b10a", "Ada", None, True, None),
        ("app-1", "Automation for Jira", None, True, False),
        ("5b10c", "5b10c", "tim-b@acme.example", False, True),
    ]


@pytest.mark.parametrize(
    ("site", "account", "verified"),
    [
        pytest.param(CLOUD, {"accountType": "atlassian"}, True, id="an Atlassian account"),
        pytest.param(CLOUD, {"accountType": "customer"}, False, id="a portal's customer"),
        pytest.param(CLOUD, {"accountType": "app"}, False, id="an app"),
        pytest.param(CLOUD, {}, False, id="not said which"),
        pytest.param(CLOUD, {"accountType": "atlassian", "emailAddress": ""}, False, id="no address"),
        pytest.param(DATA_CENTER, {"accountType": "atlassian"}, False, id="Data Center, where anybody writes it"),
    ],
)
def test_only_cloud_vouches_for_an_address(site: Site, account: dict[str, Any], verified: bool) -> None:
    (seen,) = accounts(site, [issue(assignee={**ADA, "emailAddress": "ada-l@acme.example", **account})])
    assert seen.verified is verified


def paragraph(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": list(nodes)}]}


def text(words: str, href: str = "") -> dict[str, Any]:
    marks = {"marks": [{"type": "strong"}, {"type": "link", "attrs": {"href": href}}]} if href else {}
    return {"type": "text", "text": words, **marks}


LINK = "https://github.com/acme/shop/issues/17"


@pytest.mark.parametrize(
    ("description", "urls", "keys"),
    [
        pytest.param(f"see [the twin|{LINK}] and OPS-7", (LINK,), ("OPS-7",), id="wiki text"),
        pytest.param(paragraph(text("the twin", LINK)), (LINK,), (), id="a link's address"),
        pytest.param(paragraph({"type": "inlineCard", "attrs": {"url": LINK}}), (LINK,), (), id="an inline card"),
        pytest.param(
            {"type": "doc", "content": [{"type": "blockCard", "attrs": {"url": LINK}}]}, (LINK,), (), id="card"
        ),
        pytest.param(
            paragraph(text("OPS-"), text("7"), text(" acme/shop#17")), (), ("OPS-7", "acme/shop#17"), id="bold"
        ),
        pytest.param(paragraph(text(LINK, LINK), text(".")), (LINK,), (), id="a bare link, once"),
        pytest.param(paragraph(text("a"), {"type": "hardBreak"}, text("OPS-7")), (), ("OPS-7",), id="a line break"),
        pytest.param(paragraph({"type": "mention", "attrs": {"text": "@ada"}}), (), (), id="a mention"),
        pytest.param(None, (), (), id="nothing"),
        pytest.param([1, {"type": "text"}], (), (), id="no document"),
        pytest.param({"type": "doc", "content": ["text", None, {"type": "text", "text": 7}]}, (), (), id="odd nodes"),
        pytest.param({"type": "doc", "content": {"attrs": []}, "marks": 3}, (), (), id="odd members"),
        pytest.param(
            paragraph({"type": "text", "text": "x", "marks": [None, {"type": "link"}]}), (), (), id="odd marks"
        ),
    ],
)
def test_what_a_description_mentions(description: object, urls: tuple[str, ...], keys: tuple[str, ...]) -> None:
    shown = item(CLOUD, issue(description=description))

    assert (shown.urls, shown.keys) == (urls, keys)


def test_no_nesting_is_too_deep() -> None:
    document = text("OPS-7")
    for _ in range(50_000):
        document = {"type": "bulletList", "content": [document]}

    assert plain(document) == "OPS-7"


@pytest.mark.parametrize(
    ("rest", "key"),
    [
        ("/browse/SHOP-42", "SHOP-42"),
        ("/browse/SHOP-42?focusedCommentId=1", "SHOP-42"),
        ("/projects/SHOP/issues/SHOP-42", "SHOP-42"),
        ("/jira/software/projects/SHOP/boards/1?selectedIssue=SHOP-42", "SHOP-42"),
        ("/jira/software/projects/SHOP/boards/1?view=x&selectedIssue=SHOP-42&y", "SHOP-42"),
        ("/browse/SHOP", ""),
        ("/browse/SHOP-42-old", ""),
        ("/projects/SHOP", ""),
    ],
)
def test_urls_that_name_an_issue(rest: str, key: str) -> None:
    found = [match.expand(form.key) for form in VOCABULARY.url_forms if (match := re.search(form.pattern, rest))]

    assert found == ([key] if key else [])


@pytest.mark.skipif(not ARROW.exists(), reason="the recorded issues of Apache Arrow (../shared) are not here")
def test_eighteen_thousand_real_issues_lose_nothing() -> None:
    with gzip.open(ARROW, "rb") as lines:
        rows = list(lines)
    expected = [json.loads(row)["fields"] for row in rows]
    items = [
        item(DATA_CENTER, one)
        for one in msgspec.json.decode(b'{"issues":[' + b",".join(rows) + b"]}", type=Found).issues
    ]

    assert len(items) == 18_285
    assert Counter(one.facts["status"] for one in items) == Counter((f["status"]["name"],) for f in expected)
    assert Counter(one.facts["resolution"] for one in items) == Counter(
        (f["resolution"]["name"],) if f["resolution"] else () for f in expected
    )
    assert sum(not one.facts["owners"] for one in items) == 18_285 - 13_233
    assert len({one.ref for one in items}) == 18_285
    assert {one.container for one in items} == {"ARROW"}
    assert all(one.updated >= one.created for one in items)
