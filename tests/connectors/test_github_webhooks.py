"""Webhooks of GitHub: which deliveries are genuine, and which issues each says to look at again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from github_bodies import (
    API,
    ELSEWHERE,
    EVERYTHING,
    NOTHING,
    SHOP,
    delivery,
    issue,
    listening,
    news,
    of,
    pull,
    refs,
)
from hypothesis import given
from hypothesis import strategies as st

from trackersync.connector import BadDeliveryError, Listener, Scope, These

ONE = "681273514/1"
TWO = "681273514/2"
PROJECT = {"owner": "Acme", "number": 5, "field": "Status"}
Settings = Mapping[str, Any]
PLAIN: Settings = {}
PULLS: Settings = {"pull_requests": True}
LINKED: Settings = {"evidence": ["pulls"]}
BOARD: Settings = {"project": PROJECT}
PATTERNS: Settings = {"repositories": ["acme/*", "!acme/archive-*", "acme/archive-us"]}


def about(action: str, number: int = 1, **more: object) -> dict[str, Any]:
    return of(SHOP, action, issue=issue(number), **more)


def card(content: str | None, action: str = "edited", owner: str = "acme", **value: object) -> dict[str, Any]:
    """An event of a board. Older ones say neither the project's number nor the field's name."""
    changes = {"field_value": {"field_node_id": "PVTF_1", "field_type": "single_select", **value}}
    item = {"id": 15, "node_id": "PVTI_1", "project_node_id": "PVT_1", "content_node_id": "I_1"}
    shown = item if content is None else item | {"content_type": content}
    return of(None, action, projects_v2_item=shown, organization={"login": owner}, changes=changes)


def installed(action: str, number: int = 11) -> dict[str, Any]:
    return of(None, action, installation={"id": number, "account": {"login": "acme"}}, repositories=[SHOP])


ISSUE_ACTIONS = [
    *("opened", "edited", "closed", "reopened", "assigned", "unassigned", "labeled", "unlabeled", "milestoned"),
    *("demilestoned", "typed", "untyped", "field_added", "field_removed", "deleted", "locked", "unlocked", "pinned"),
    *("unpinned", "an_action_of_the_future"),
]

CASES: list[tuple[str, str, dict[str, Any], Settings, Scope]] = [
    *[(f"issues {action}", "issues", about(action), PLAIN, refs(ONE)) for action in ISSUE_ACTIONS],
    ("an issue of old, with an assignee", "issues",
     about("assigned", assignee={"login": "ada-l"}) | {"issue": issue(1, assignee={"login": "ada-l"})},
     PLAIN, refs(ONE)),
    ("nothing but the names", "issues",
     {"action": "opened", "issue": {"number": 1}, "repository": {"id": 681273514, "full_name": "acme/shop"}},
     PLAIN, refs(ONE)),
    ("members of the future", "issues", about("labeled", urgency={"level": [1, {"a": None}]}), PLAIN, refs(ONE)),
    ("a title that was edited", "issues", about("edited", changes={"title": {"from": "Old"}}), PLAIN, refs(ONE)),
    ("a field that was set", "issues",
     about("field_added", issue_field={"id": 1}, issue_field_value={"value": "x"},
           changes={"issue_field_value": {"from": None}}), PLAIN, refs(ONE)),
    ("transferred to where we look", "issues",
     about("transferred", changes={"new_issue": issue(8, API), "new_repository": API}), PLAIN, refs(ONE, "99/8")),
    ("transferred to where we do not look", "issues",
     about("transferred", changes={"new_issue": issue(8, ELSEWHERE), "new_repository": ELSEWHERE}), PLAIN, refs(ONE)),
    ("transferred, without saying where", "issues", about("transferred"), PLAIN, refs(ONE)),
    ("transferred from where we look", "issues",
     of(API, "opened", issue=issue(8, API), changes={"old_issue": issue(1), "old_repository": SHOP}),
     PLAIN, refs("99/8", ONE)),
    ("transferred from where we do not look", "issues",
     about("opened", changes={"old_issue": issue(3, ELSEWHERE), "old_repository": ELSEWHERE}), PLAIN, refs(ONE)),
    ("a pull request, as an issue", "issues", of(SHOP, "milestoned", issue=pull(2)), PLAIN, NOTHING),
    ("a pull request, as an issue, wanted", "issues", of(SHOP, "milestoned", issue=pull(2)), PULLS, refs(TWO)),
    ("a null for a pull request", "issues", of(SHOP, "edited", issue=issue(1, pull_request=None)), PLAIN, refs(ONE)),
    ("elsewhere", "issues", of(ELSEWHERE, "opened", issue=issue(1, ELSEWHERE)), PLAIN, NOTHING),
    ("another spelling", "issues", of(SHOP | {"full_name": "ACME/Shop"}, "opened", issue=issue(1)), PLAIN, refs(ONE)),

    *[(f"comment {action}", "issue_comment", about(action, comment={"id": 1, "body": "Hm"}), PLAIN, refs(ONE))
      for action in ("created", "edited", "deleted", "pinned", "unpinned")],
    ("comment on a pull request", "issue_comment", of(SHOP, "created", issue=pull(2), comment={}), PLAIN, NOTHING),
    ("comment on a pull request, linked", "issue_comment", of(SHOP, "created", issue=pull(2)), LINKED, NOTHING),
    ("comment on a pull request, wanted", "issue_comment", of(SHOP, "created", issue=pull(2)), PULLS, refs(TWO)),
    ("comment elsewhere", "issue_comment", of(ELSEWHERE, "created", issue=issue(1, ELSEWHERE)), PLAIN, NOTHING),

    *[(f"label {action}", "label", of(SHOP, action, label={"name": "stage: build"}), PLAIN, news("acme/shop"))
      for action in ("created", "edited", "deleted")],
    *[(f"milestone {action}", "milestone", of(SHOP, action, milestone={"title": "1.0"}), PLAIN, news("acme/shop"))
      for action in ("created", "edited", "closed", "opened", "deleted")],
    *[(f"a repository that {why}", "label", of({"id": 5, "full_name": name}, "edited"), PATTERNS, scope)
      for why, name, scope in (
          ("a pattern finds", "acme/Store", news("acme/Store")), ("is left out", "ACME/archive-1", NOTHING),
          ("is named although it is left out", "acme/Archive-us", news("acme/archive-us")),
          ("no pattern finds", "acme-labs/store", NOTHING))],
    ("an issue that a pattern finds", "issues",
     of({"id": 5, "full_name": "acme/store"}, "opened", issue=issue(1)), PATTERNS, refs("5/1")),
    ("a new repository that a pattern finds", "repository", of({"id": 5, "full_name": "acme/new"}, "created"),
     PATTERNS, EVERYTHING),
    ("a repository that leaves a pattern", "repository",
     of({"id": 5, "full_name": "acme/archive-2"}, "renamed", changes={"repository": {"name": {"from": "two"}}}),
     PATTERNS, EVERYTHING),
    ("label elsewhere", "label", of(ELSEWHERE, "deleted", label={}), PLAIN, NOTHING),
    ("label, in another spelling", "label", of(SHOP | {"full_name": "ACME/Shop"}, "edited"), PLAIN, news("acme/shop")),

    *[(f"{kind} {verb}", "sub_issues",
       of(SHOP, f"{kind}_{verb}", parent_issue_id=9001, parent_issue=issue(1), sub_issue_id=9002, sub_issue=issue(2)),
       PLAIN, refs(ONE, TWO)) for kind in ("parent_issue", "sub_issue") for verb in ("added", "removed")],
    ("a parent in another repository", "sub_issues",
     of(SHOP, "parent_issue_added", parent_issue=issue(8, API), parent_issue_repo=API, sub_issue=issue(2)),
     PLAIN, refs("99/8", TWO)),
    ("a child in another repository", "sub_issues",
     of(API, "sub_issue_added", parent_issue=issue(8, API), sub_issue=issue(2), sub_issue_repo=SHOP),
     PLAIN, refs("99/8", TWO)),
    ("a parent where we do not look", "sub_issues",
     of(SHOP, "parent_issue_added", parent_issue=issue(8, ELSEWHERE), parent_issue_repo=ELSEWHERE, sub_issue=issue(2)),
     PLAIN, refs(TWO)),
    ("a parent in another repository that is not told", "sub_issues",
     of(SHOP, "parent_issue_added", parent_issue=issue(8, API), sub_issue=issue(2)), PLAIN, refs(TWO)),
    ("a parent we may not see", "sub_issues",
     of(SHOP, "parent_issue_added", parent_issue=None, sub_issue=issue(2)), PLAIN, refs(TWO)),

    *[(f"{kind} {verb}", "issue_dependencies",
       of(SHOP, f"{kind}_{verb}", blocked_issue=issue(1), blocking_issue=issue(2)), PLAIN, refs(ONE, TWO))
      for kind in ("blocked_by", "blocking") for verb in ("added", "removed")],
    ("blocked from another repository", "issue_dependencies",
     of(SHOP, "blocked_by_added", blocked_issue=issue(1), blocking_issue=issue(8, API), blocking_issue_repo=API),
     PLAIN, refs(ONE, "99/8")),
    ("one and the same, twice", "issue_dependencies",
     of(SHOP, "blocked_by_added", blocked_issue=issue(1), blocking_issue=issue(1)), PLAIN, refs(ONE)),
    ("blocking in another repository", "issue_dependencies",
     of(API, "blocking_added", blocked_issue=issue(1), blocked_issue_repo=SHOP, blocking_issue=issue(8, API)),
     PLAIN, refs(ONE, "99/8")),

    ("a card, where no board counts", "projects_v2_item", card("Issue"), PLAIN, NOTHING),
    *[(f"a card {action}", "projects_v2_item", card("Issue", action), BOARD, EVERYTHING)
      for action in ("archived", "converted", "created", "deleted", "edited", "reordered", "restored")],
    ("a card of ours", "projects_v2_item", card("Issue", project_number=5, field_name="Status"), BOARD, EVERYTHING),
    ("a card of another project", "projects_v2_item", card("Issue", project_number=6), BOARD, NOTHING),
    ("another field of a card", "projects_v2_item", card("Issue", project_number=5, field_name="Size"), BOARD, NOTHING),
    ("a card of another organisation", "projects_v2_item", card("Issue", owner="other"), BOARD, NOTHING),
    ("a draft", "projects_v2_item", card("DraftIssue"), BOARD, NOTHING),
    ("a card of a pull request", "projects_v2_item", card("PullRequest"), BOARD, NOTHING),
    ("a card of a pull request, wanted", "projects_v2_item", card("PullRequest"), PULLS | BOARD, EVERYTHING),
    ("a card of who knows what", "projects_v2_item", card(None), BOARD, EVERYTHING),
    ("a card without changes", "projects_v2_item",
     of(None, "created", projects_v2_item={"content_type": "Issue"}, organization={"login": "acme"}),
     BOARD, EVERYTHING),
    ("a card of a user's board", "projects_v2_item", card("Issue"),
     {"project": PROJECT | {"kind": "user"}}, NOTHING),

    ("a pull request", "pull_request", of(SHOP, "closed", number=2, pull_request={"number": 2}), PLAIN, NOTHING),
    *[(f"a pull request, {name}", "pull_request", of(SHOP, "closed", number=2, pull_request={"number": 2}), more,
       news("acme/shop")) for name, more in (("wanted", PULLS), ("linked", LINKED))],
    ("a pull request elsewhere", "pull_request", of(ELSEWHERE, "closed", number=2), PULLS, NOTHING),

    ("a release", "release", of(SHOP, "published", release={"id": 1}), PLAIN, NOTHING),
    ("a release that counts", "release", of(SHOP, "published", release={"id": 1}), {"evidence": ["releases"]},
     news("acme/shop")),
    ("a release elsewhere", "release", of(ELSEWHERE, "published"), {"evidence": ["releases"]}, NOTHING),
    ("a deployment", "deployment_status", of(SHOP, "created", deployment={"environment": "production"}), PLAIN,
     NOTHING),
    ("a deployment that counts", "deployment_status", of(SHOP, "created", deployment={"environment": "Production"}),
     {"evidence": ["deployments"]}, news("acme/shop")),
    ("a deployment to who knows where", "deployment_status", of(SHOP, "created"), {"evidence": ["deployments"]},
     news("acme/shop")),
    ("a deployment to staging", "deployment_status", of(SHOP, "created", deployment={"environment": "staging"}),
     {"evidence": ["deployments"]}, NOTHING),

    *[(f"repository {action}", "repository", of(SHOP, action), PLAIN, EVERYTHING) for action in
      ("created", "deleted", "archived", "unarchived", "publicized", "privatized", "renamed", "transferred")],
    ("repository edited", "repository", of(SHOP, "edited", changes={"default_branch": {"from": "main"}}), PLAIN,
     NOTHING),
    ("repository of the future", "repository", of(SHOP, "frozen"), PLAIN, NOTHING),
    ("repository elsewhere", "repository", of(ELSEWHERE, "deleted"), PLAIN, NOTHING),
    ("renamed away from the configured name", "repository",
     of(SHOP | {"full_name": "acme/store", "id": 5}, "renamed", changes={"repository": {"name": {"from": "shop"}}}),
     PLAIN, EVERYTHING),
    ("transferred away from the configured user", "repository",
     of({"id": 5, "full_name": "other/shop"}, "transferred",
        changes={"owner": {"from": {"user": {"login": "Acme"}}}}), PLAIN, EVERYTHING),
    ("transferred away from the configured organisation", "repository",
     of({"id": 5, "full_name": "other/shop"}, "transferred",
        changes={"owner": {"from": {"organization": {"login": "acme"}}}}), PLAIN, EVERYTHING),
    ("renamed, but never ours", "repository",
     of(ELSEWHERE, "renamed", changes={"repository": {"name": {"from": "stuff"}}}), PLAIN, NOTHING),

    *[(f"installation {action}", "installation", installed(action), PLAIN, EVERYTHING) for action in
      ("created", "deleted", "suspend", "unsuspend", "new_permissions_accepted")],
    *[(f"installation, repositories {action}", "installation_repositories", installed(action), PLAIN, EVERYTHING)
      for action in ("added", "removed")],
    ("installation of the future", "installation", installed("painted"), PLAIN, NOTHING),
    ("another installation of the same App", "installation", installed("deleted"),
     {"app": {"client_id": "Iv1", "private_key_file": "key.pem", "installation": 12}}, NOTHING),
    ("the installation of ours", "installation", installed("deleted"),
     {"app": {"client_id": "Iv1", "private_key_file": "key.pem", "installation": 11}}, EVERYTHING),

    ("ping", "ping", {"zen": "Speak like a human.", "hook_id": 1, "hook": {"type": "Repository"}}, PLAIN, NOTHING),
    ("member", "member", of(SHOP, "added", member={"login": "ada-l"}), PLAIN, NOTHING),
    ("push", "push", {"ref": "refs/heads/main", "repository": SHOP}, PLAIN, NOTHING),
    ("an event of the future", "issue_dreams", of(SHOP, "dreamt", issue=issue(1)), PLAIN, NOTHING),
]  # fmt: skip


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize(
    ("event", "body", "settings", "scope"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_a_delivery_says_to_look_at(
    event: str, body: dict[str, Any], settings: Settings, scope: Scope, form: bool
) -> None:
    github, it = listening(**settings), delivery(event, body, form=form)
    github.verify(it)
    assert github.scope_of(it) == scope


def test_the_connector_is_a_listener() -> None:
    assert isinstance(listening(), Listener)


# What is no delivery of GitHub's.


BAD: list[tuple[str, str, bytes | dict[str, Any]]] = [
    ("no event", "", of(SHOP, "opened", issue=issue(1))),
    ("nothing", "issues", b""),
    ("no JSON", "issues", b"<html>"),
    ("cut short", "issues", json.dumps(of(SHOP, "opened", issue=issue(1))).encode()[:-9]),
    ("a list", "issues", b"[]"),
    ("a number", "label", b"7"),
    ("null", "repository", b"null"),
    ("no issue", "issues", of(SHOP, "opened")),
    ("no repository", "issue_comment", {"action": "created", "issue": issue(1)}),
    ("an issue without a number", "issues", of(SHOP, "opened", issue={"id": 1})),
    ("a number that is none", "issues", of(SHOP, "opened", issue=issue(1) | {"number": "1"})),
    ("a number below one", "issues", of(SHOP, "opened", issue=issue(0))),
    ("a repository without an id", "label", of({"full_name": "acme/shop"}, "edited")),
    ("a repository without a name", "milestone", of({"id": 1}, "edited")),
    ("relations of nothing", "sub_issues", of(SHOP, "sub_issue_added")),
    ("no card", "projects_v2_item", of(None, "edited")),
    ("no installation", "installation", of(None, "deleted")),
    ("not UTF-8", "label", b'{"repository":{"id":1,"full_name":"\xff"}}'),
    ("too deep", "label", b'{"member":' + b"[" * 100_000),
    ("beyond all numbers", "label", b'{"repository":{"id":' + b"9" * 5_000 + b',"full_name":"acme/shop"}}'),
]


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize(("event", "body"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_no_delivery_of_githubs_is_named(event: str, body: bytes | dict[str, Any], form: bool) -> None:
    it = delivery(event, body, form=form)
    with pytest.raises(BadDeliveryError, match="GitHub") as caught:
        listening(**BOARD).scope_of(it)
    assert "Größe" not in str(caught.value), "a delivery may be private"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "body", [b"load=%7B%7D", b"payload", b"payload=\xff", b"&".join([b"a=1"] * 100), b"\xff\xfe"], ids=repr
)
def test_a_form_that_holds_no_payload_is_named(body: bytes) -> None:
    it = delivery("issues", body)
    form = {**it.headers, "content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    with pytest.raises(BadDeliveryError, match="issues"):
        listening().scope_of(type(it)(form, body))


def test_a_delivery_that_says_no_content_type_is_taken_for_json() -> None:
    it = delivery("issues", about("opened"))
    without = {name: value for name, value in it.headers.items() if name != "content-type"}
    assert listening().scope_of(type(it)(without, it.body)) == refs(ONE)


# Anything at all.


EVENTS = sorted({case[1] for case in CASES})
GITHUB = listening(pull_requests=True, evidence=["pulls", "releases", "deployments"], project=PROJECT)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


def judged(event: str, body: bytes, form: bool) -> None:
    """Whatever comes, it is a scope of well-formed refs or the named error."""
    try:
        scope = GITHUB.scope_of(delivery(event, body, form=form))
    except BadDeliveryError:
        return
    if isinstance(scope, These):
        for ref in scope.refs:
            repository, _, number = ref.id.partition("/")
            assert repository.isdecimal()
            assert number.isdecimal()
    else:
        assert set(scope.only) <= {"acme/shop", "acme/api"}


@given(st.sampled_from(EVENTS), st.binary(), st.booleans())
def test_any_bytes_are_a_scope_or_named(event: str, body: bytes, form: bool) -> None:
    judged(event, body, form)


@given(st.sampled_from(EVENTS), VALUES, st.booleans())
def test_any_json_is_a_scope_or_named(event: str, body: object, form: bool) -> None:
    judged(event, json.dumps(body).encode(), form)


@given(st.sampled_from(CASES), st.data(), st.booleans())
def test_any_member_may_be_anything_or_missing(
    case: tuple[str, str, dict[str, Any], Settings, Scope], data: st.DataObject, form: bool
) -> None:
    body = json.loads(json.dumps(case[2]))
    there = body
    while True:
        name = data.draw(st.sampled_from(sorted(there)))
        if isinstance(there[name], dict) and there[name] and data.draw(st.booleans()):
            there = there[name]
            continue
        if data.draw(st.booleans()):
            there[name] = data.draw(VALUES)
        else:
            del there[name]
        break
    judged(case[1], json.dumps(body).encode(), form)
