"""The GitHub connector's decisions: settings, vocabulary, translation, keyset, steps."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from github_doubles import API, NOON, STAGES, row
from pydantic import SecretStr, ValidationError

from trackersync.connector import SDK, Answer, Change, Item, ItemRef, NotFoundError, RejectedError, UnavailableError
from trackersync_github import GithubSettings, connector
from trackersync_github.keyset import NEVER, Ask, Cursor, Got, cursor_of, first, following, meets, otherwise, parameters
from trackersync_github.steps import otherwise as shown_otherwise
from trackersync_github.steps import steps_of
from trackersync_github.wire import Issue, Place, accounts_of, item_of, place_of, refused

# Settings.


def settings(**more: object) -> GithubSettings:
    return GithubSettings.model_validate({"connector": "github", "repositories": ["acme/shop"]} | more)


MISTAKES = [
    ("none", {"repositories": []}, "at least 1"),
    ("no owner", {"repositories": ["shop"]}, "named OWNER/NAME, as in acme/shop"),
    ("page's address", {"repositories": ["https://github.com/acme/shop/issues"]}, "write acme/shop"),
    ("clone address", {"repositories": ["https://github.com/acme/shop.git"]}, "write acme/shop"),
    ("too deep", {"repositories": ["acme/shop/x"]}, "write acme/shop"),
    ("query", {"repositories": ["acme/shop?x=1"]}, "OWNER/NAME"),
    ("dot dot", {"repositories": ["../secrets"]}, "OWNER/NAME"),
    ("twice", {"repositories": ["acme/shop", "Acme/Shop"]}, "listed twice"),
    ("pages for the API", {"url": "https://github.com"}, "the API is https://api.github.com"),
    ("unknown key", {"repository": "acme/shop"}, "repository"),
]


@pytest.mark.parametrize(("given", "words"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_a_mistake_in_the_settings_is_named_with_what_to_write(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        settings(**given)


def test_one_repository_may_be_written_without_a_list() -> None:
    assert connector.containers(settings(repositories="acme/shop")) == ("acme/shop",)


def test_a_repository_of_dots_and_dashes_is_a_name() -> None:
    assert settings(repositories=["a-c/my.shop_2-x", "EMU_acme/.github"]).repositories


ADDRESSES = [
    ("github.com", "https://api.github.com", [], ("https://github.com",)),
    ("Enterprise Server", "https://ghe.acme.example/api/v3", [], ("https://ghe.acme.example",)),
    ("Enterprise Server, trailing slash", "https://ghe.acme.example/api/v3/", [], ("https://ghe.acme.example",)),
    ("data residency", "https://api.octocorp.ghe.com", [], ("https://octocorp.ghe.com",)),
    ("stand-in", "http://127.0.0.1:4010", ["https://github.com/"], ("http://127.0.0.1:4010", "https://github.com")),
    ("alias again", "https://api.github.com", ["https://github.com"], ("https://github.com",)),
]


@pytest.mark.parametrize(
    ("url", "aliases", "pages"), [case[1:] for case in ADDRESSES], ids=[case[0] for case in ADDRESSES]
)
def test_where_pages_are_found(url: str, aliases: list[str], pages: tuple[str, ...]) -> None:
    assert connector.addresses(settings(url=url, aliases=aliases)) == pages


async def test_the_token_is_a_bearer_token_and_stays_secret() -> None:
    given = await connector.authorization(settings(token="ghs_x"))()

    assert given == SecretStr("Bearer ghs_x")
    assert "ghs_x" not in repr(given)
    assert await connector.authorization(settings())() is None


def test_what_the_plugin_says_before_a_connection_is_opened() -> None:
    assert connector.sdk == SDK
    cloud = GithubSettings(connector="github", repositories=["acme/shop"])
    server = cloud.model_copy(update={"url": "https://github.acme.example/api/v3"})
    assert connector.headers(cloud)["X-GitHub-Api-Version"] == "2026-03-10"
    assert connector.headers(server)["X-GitHub-Api-Version"] == "2022-11-28"
    assert connector.writes["owners"].most == 10
    assert connector.pace == 1.0


URLS = [
    ("/acme/shop/issues/17", "acme/shop#17"),
    ("/acme/shop/issues/17#issuecomment-1", "acme/shop#17"),
    ("/acme/shop/issues/17?x=1", "acme/shop#17"),
    ("/acme/shop/issues/17b", None),
    ("/acme/shop/issues", None),
    ("/acme/shop/pull/17", None),
    ("/orgs/acme/x/shop/issues/17", None),
]


@pytest.mark.parametrize(("path", "key"), URLS)
def test_urls_name_issues(path: str, key: str | None) -> None:
    matches = [(form, re.search(form.pattern, path)) for form in connector.vocabulary.url_forms]

    assert [match.expand(form.key) for form, match in matches if match] == ([key] if key else [])


# Translation.


def issue(**more: object) -> Issue:
    return msgspec.json.decode(json.dumps(row(17, NOON, **more)), type=Issue)


def test_an_issue_as_an_item() -> None:
    seen = issue(
        title="SHOP-42  Checkout\nrejects",
        body="See https://acme.atlassian.net/browse/SHOP-42. Also acme/api#3",
        labels=[{"name": "bug"}, "stage: idea", {"name": None}],
        assignees=[{"login": "ada-l", "type": "User"}, None],
        type={"name": "Bug"},
        milestone={"title": "Q1"},
        state="closed",
        state_reason="not_planned",
    )

    assert item_of(seen, "code", 681, "Acme/Shop") == Item(
        ref=ItemRef("code", "681/17"),
        key="acme/shop#17",
        url="https://github.test/acme/shop/issues/17",
        title="SHOP-42 Checkout rejects",
        container="Acme/Shop",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        updated=NOON,
        facts={
            "state": ("closed",),
            "reason": ("not_planned",),
            "labels": ("bug", "stage: idea"),
            "owners": ("ada-l",),
            "type": ("Bug",),
            "milestone": ("Q1",),
        },
        urls=("https://acme.atlassian.net/browse/SHOP-42",),
        keys=("acme/api#3",),
    )


NULLS = ["title", "body", "state_reason", "assignees", "type", "milestone", "pull_request"]


@pytest.mark.parametrize("member", NULLS)
def test_a_null_where_the_api_allows_one_is_no_trouble(member: str) -> None:
    item = item_of(issue(**{member: None}), "code", 1, "acme/shop")

    assert item.facts["owners"] == ()


def test_the_singular_assignee_is_never_read() -> None:
    item = item_of(issue(assignee={"login": "ada-l"}), "code", 1, "acme/shop")

    assert item.facts["owners"] == ()


PEOPLE = [
    ("User", "ada-l", None, None),
    ("Bot", "renovate", None, False),
    ("User", "dependabot[bot]", None, False),
    ("User", "Copilot", None, False),
    ("Mannequin", "moved-in", False, None),
]


@pytest.mark.parametrize(("kind", "login", "active", "human"), PEOPLE)
def test_people_bots_and_placeholders(kind: str, login: str, active: bool | None, human: bool | None) -> None:
    (account,) = accounts_of([issue(assignees=[{"login": login, "type": kind}])] * 2, "code")

    assert (account.id, account.active, account.human) == (login, active, human)


def test_a_pull_request_is_told_from_an_issue() -> None:
    assert issue(pull_request={"url": "x"}).is_pull_request
    assert not issue().is_pull_request


@pytest.mark.parametrize("text", ["17", "a/b", "1/", "/1", "1/2/3", "-1/2"])
def test_an_id_that_is_none_of_ours(text: str) -> None:
    with pytest.raises(NotFoundError, match="names no GitHub issue"):
        place_of(ItemRef("github", text))


def test_an_id_survives_the_way_there_and_back() -> None:
    assert place_of(ItemRef("github", str(Place(681, 17)))) == Place(681, 17)


REFUSALS: list[tuple[int, object, dict[str, str], type[Exception], str]] = [
    (404, {"message": "Not Found"}, {}, NotFoundError, "gone, or hidden"),
    (410, {"message": "This issue was deleted"}, {}, NotFoundError, "deleted"),
    (301, {}, {}, NotFoundError, "moved"),
    (403, {}, {"x-accepted-github-permissions": "issues=write"}, RejectedError, "permission issues=write"),
    (403, "<html>", {}, RejectedError, "what the token may do"),
    (422, {"message": "Validation Failed", "errors": [{"field": "assignees", "code": "invalid"}]}, {}, RejectedError,
     "Validation Failed: assignees invalid"),
    (422, {"message": "No", "errors": ["because"]}, {}, RejectedError, "No: because"),
    (422, {"message": 5}, {}, RejectedError, "answered 422 on"),
    (409, None, {}, RejectedError, "answered 409"),
    (202, {}, {}, UnavailableError, "check the tracker's `url`"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "headers", "kind", "words"), REFUSALS)
def test_a_refusal_says_what_and_on_what(
    status: int, body: object, headers: dict[str, str], kind: type[Exception], words: str
) -> None:
    error = refused(Answer(status, headers, json.dumps(body).encode(), "GET /x"), "looking at acme/shop#17")

    assert type(error) is kind
    assert words in str(error)
    assert "looking at acme/shop#17" in str(error)


# The Arrow project's issues, where they are at hand.

ARROW = Path(__file__).parents[3] / "shared" / "data" / "arrow" / "github_staged.jsonl.gz"


@pytest.mark.skipif(not ARROW.exists(), reason="the Arrow data is not beside this checkout")
def test_arrow_is_translated_without_loss() -> None:
    with gzip.open(ARROW, "rt", encoding="utf-8") as lines:
        staged = [json.loads(line)["issue"] for line in lines]
    items = [
        item_of(
            msgspec.convert(
                row(number, NOON, title=one["title"], body=one["body"], state="closed" if one["closed"] else "open",
                    labels=[{"name": name} for name in one["labels"]], updated_at=one["updated_at"]),
                Issue,
            ),
            "github", 1, "acme/shop",
        )
        for number, one in enumerate(staged, 1)
    ]  # fmt: skip

    assert len(items) > 10_000
    assert Counter(item.facts["state"][0] for item in items) == Counter(
        "closed" if one["closed"] else "open" for one in staged
    )
    assert sum(len(item.facts["labels"]) for item in items) == sum(len(one["labels"]) for one in staged)
    assert all(item.updated.tzinfo is UTC for item in items)


# Keyset.

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def got(rows: int, latest: datetime | None = None, *, fresh: int | None = None, link: str = "") -> Got:
    return Got(rows, latest, latest, rows if fresh is None else fresh, link)


FOLLOWING = [
    # name, asked, came, next
    ("short page ends it", Ask(), got(99, NOON), None),
    ("nothing ends it", Ask(since=NOON), got(0), None),
    ("full page goes on from its last row", Ask(), got(100, NOON), Ask(since=NOON - SECOND)),
    ("progress by a second", Ask(since=NOON - SECOND * 2), got(100, NOON), Ask(since=NOON - SECOND)),
    ("short page with a next link goes on", Ask(), got(30, NOON, link="L"), Ask(since=NOON - SECOND)),
    ("no progress follows the link", Ask(since=NOON - SECOND), got(100, NOON, link="L"), Ask(NOON - SECOND, "L")),
    ("no progress, no link: by page number", Ask(since=NOON), got(100, NOON), Ask(NOON, page=1)),
    ("a link that progresses leads back", Ask(NOON - MINUTE, "L"), got(100, NOON, link="M"), Ask(NOON - SECOND)),
    ("a link with fresh rows is followed on", Ask(NOON, "L"), got(100, NOON, link="M"), Ask(NOON, "M")),
    ("a link that goes in a circle", Ask(NOON, "L"), got(100, NOON, fresh=0, link="L"), Ask(NOON, page=1)),
    ("an empty page with a link, twice", Ask(NOON, "L"), got(0, link="L"), Ask(NOON, page=1)),
    ("the link's last page ends it", Ask(NOON, "L"), got(5, NOON), None),
    ("page by page", Ask(NOON, page=3), got(100, NOON), Ask(NOON, page=4)),
    ("the last page ends it", Ask(NOON, page=3), got(99, NOON), None),
]


@pytest.mark.parametrize(("ask", "came", "then"), [case[1:] for case in FOLLOWING], ids=[case[0] for case in FOLLOWING])
def test_what_is_asked_next(ask: Ask, came: Got, then: Ask | None) -> None:
    assert following(ask, came, "acme/shop") == then


def test_pages_in_a_circle_are_given_up() -> None:
    with pytest.raises(UnavailableError, match="acme/shop: the list of issues goes in a circle"):
        following(Ask(page=2), got(100, NOON, fresh=0), "acme/shop")


def test_the_overlap_of_a_run() -> None:
    assert first(Cursor(1, NOON)) == Ask(since=NOON - 2 * MINUTE)
    assert first(Cursor(1)) == Ask()
    assert first(None) == Ask()


def test_what_is_asked_instead_of_what_was_refused() -> None:
    assert otherwise(Ask(NOON, "L")) == Ask(NOON, page=1)
    assert otherwise(Ask(NOON)) == Ask(page=1)
    assert otherwise(Ask()) is None
    assert otherwise(Ask(page=1)) is None


def test_the_query_of_a_question() -> None:
    assert parameters(Ask(NOON)) == {
        "state": "all", "sort": "updated", "direction": "asc", "per_page": 100, "since": "2026-03-05T12:00:00Z",
    }  # fmt: skip
    assert parameters(Ask(page=2)) == {
        "state": "all",
        "sort": "updated",
        "direction": "desc",
        "per_page": 100,
        "page": 2,
    }
    assert parameters(Ask(NOON, "L")) is None


MEETS = [
    ("the last row once more", Cursor(1, NOON), got(3, NOON), True),
    ("only later rows", Cursor(1, NOON), got(3, NOON + SECOND), False),
    ("nothing where there was something", Cursor(1, NOON), got(0), False),
    ("nothing where there was nothing", Cursor(1), got(0), True),
    ("something where there was nothing", Cursor(1), got(1, NOON), False),
]


@pytest.mark.parametrize(("cursor", "came", "so"), [case[1:] for case in MEETS], ids=[case[0] for case in MEETS])
def test_whether_a_page_meets_what_was_read(cursor: Cursor, came: Got, so: bool) -> None:
    assert meets(cursor, came) is so


@pytest.mark.parametrize("cursor", [Cursor(681, NOON), Cursor(681, NEVER)])
def test_a_cursor_survives_the_way_there_and_back(cursor: Cursor) -> None:
    assert cursor_of(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "x", "681", "681 yesterdaZ", "x 2026-03-05T12:00:00Z", "681 2026-03-05T12:00:00"])
def test_a_cursor_that_is_none_of_ours(text: str) -> None:
    with pytest.raises(ValueError, match="no cursor of a GitHub listing"):
        cursor_of(text)


# Steps.


def item(**facts: tuple[str, ...]) -> Item:
    blank = item_of(issue(), "github", 681, "acme/shop")
    return dataclasses.replace(blank, facts={**blank.facts, **facts})


def change(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> Change:
    ours = {"labels": STAGES} if "labels" in after else {}
    field = "owners" if "owners" in after else "stage"
    return Change(ItemRef("github", "681/17"), "acme/shop#17", field, next(iter(after)), before, after, "", ours)


TEN = tuple(f"u{n}" for n in range(10))
STEPS = [
    (
        "a stage for another: first the new one, and other labels stay",
        item(labels=("bug", "stage: idea")),
        change({"labels": ("stage: idea",)}, {"labels": ("stage: build",)}),
        [("POST", "/labels", {"labels": ["stage: build"]}), ("DELETE", "/labels/stage%3A%20idea", None)],
    ),
    (
        "the label is taken away by the spelling it has",
        item(labels=("Stage: IDEA",)),
        change({"labels": ("stage: idea",)}, {"labels": ("stage: build",)}),
        [("POST", "/labels", {"labels": ["stage: build"]}), ("DELETE", "/labels/Stage%3A%20IDEA", None)],
    ),
    (
        "closing: label, state, old label",
        item(labels=("stage: idea",)),
        change(
            {"labels": ("stage: idea",), "state": ("open",), "reason": ()},
            {"labels": ("stage: verify",), "state": ("closed",), "reason": ("completed",)},
        ),
        [
            ("POST", "/labels", {"labels": ["stage: verify"]}),
            ("PATCH", "", {"state": "closed", "state_reason": "completed"}),
            ("DELETE", "/labels/stage%3A%20idea", None),
        ],
    ),
    (
        "reopening says no reason of its own",
        item(state=("closed",), reason=("completed",)),
        change({"state": ("closed",)}, {"state": ("open",)}),
        [("PATCH", "", {"state": "open"})],
    ),
    (
        "closed already, by another reason that is not asked for: nothing",
        item(state=("closed",), reason=("completed",)),
        change({"state": ("closed",)}, {"state": ("closed",)}),
        [],
    ),
    (
        "owners: come before they go",
        item(owners=("ada-l",)),
        change({"owners": ("ada-l",)}, {"owners": ("grace-h",)}),
        [("POST", "/assignees", {"assignees": ["grace-h"]}), ("DELETE", "/assignees", {"assignees": ["ada-l"]})],
    ),
    (
        "owners: case does not matter",
        item(owners=("Ada-L",)),
        change({"owners": ("ada-l",)}, {"owners": ("ada-l", "grace-h")}),
        [("POST", "/assignees", {"assignees": ["grace-h"]})],
    ),
    (
        "owners: none",
        item(owners=("ada-l", "grace-h")),
        change({"owners": ("ada-l", "grace-h")}, {"owners": ()}),
        [("DELETE", "/assignees", {"assignees": ["ada-l", "grace-h"]})],
    ),
    (
        "owners: no room for both, so first they go",
        item(owners=TEN),
        change({"owners": TEN}, {"owners": (*TEN[:9], "ada-l")}),
        [("DELETE", "/assignees", {"assignees": ["u9"]}), ("POST", "/assignees", {"assignees": ["ada-l"]})],
    ),
]


@pytest.mark.parametrize(("now", "wanted", "requests"), [case[1:] for case in STEPS], ids=[case[0] for case in STEPS])
def test_the_requests_of_a_change(now: Item, wanted: Change, requests: list[tuple[str, str, object]]) -> None:
    assert [(step.method, step.path, step.json) for step in steps_of(wanted, now)] == requests


NO_WAY = [
    (
        "a reason by itself",
        item(state=("closed",), reason=("completed",)),
        change({"reason": ("completed",)}, {"reason": ("not_planned",)}),
        "only when the state changes",
    ),
    ("eleven owners", item(), change({"owners": ()}, {"owners": (*TEN, "ada-l")}), "11 owners are more than the 10"),
    ("another tracker's fact", item(), change({"status": ()}, {"status": ("Done",)}), "status cannot be written"),
]


@pytest.mark.parametrize(("now", "wanted", "words"), [case[1:] for case in NO_WAY], ids=[case[0] for case in NO_WAY])
def test_what_github_has_no_way_to_write(now: Item, wanted: Change, words: str) -> None:
    with pytest.raises(RejectedError, match=words):
        steps_of(wanted, now)


def test_what_an_item_shows_instead() -> None:
    wanted = change({"labels": ("stage: idea",)}, {"labels": ("stage: build",)})

    assert not shown_otherwise(wanted, item(labels=("bug", "Stage: Build")))
    assert shown_otherwise(wanted, item(labels=("bug", "stage: design"))) == "labels is stage: design"
    assert shown_otherwise(wanted, item(labels=("bug",))) == "labels is nothing"


def test_an_issue_that_does_not_name_its_repository_is_of_the_one_asked_for() -> None:
    assert item_of(issue(repository_url=""), "code", 1, "acme/shop").key == "acme/shop#17"


def test_nothing_of_the_api_address_is_needed_to_name_the_item() -> None:
    assert item_of(issue(repository_url=f"{API}/api/v3/repos/acme/renamed"), "code", 1, "acme/shop").key == (
        "acme/renamed#17"
    )
