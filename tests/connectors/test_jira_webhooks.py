"""Webhooks of Jira: which issues each delivery says to look at again, on Cloud, Server and old Server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jira_bodies import NOTHING, changed, delivery, issue, listening, news, of, refs

from trackersync.connector import BadDeliveryError, Lately, Listener, Scope, These

ONE, TWO = 10_001, 10_002
KEYS = {"field": "Key", "fieldtype": "jira", "from": None, "to": None}
PROJECT = {"field": "project", "fieldtype": "jira", "fieldId": "project", "from": "1", "to": "2"}


def moved(old: str, new: str, number: int = 1, **more: object) -> dict[str, Any]:
    """What an issue that went to another project says: its key from before in the changelog."""
    words = KEYS | {"fromString": f"{old}-{number}", "toString": f"{new}-{number}"}
    gone = PROJECT | {"fromString": f"{old} things", "toString": f"{new} things"}
    body = of("jira:issue_updated", issue_event_type_name="issue_moved", issue=issue(number, new))
    return body | {"changelog": changed(gone, words)} | more


def link(event: str, **ids: object) -> dict[str, Any]:
    return of(event, issueLink={"id": 5, "issueLinkType": {"id": 1, "name": "Blocks"}, "isSystemLink": False} | ids)


def worklog(event: str, **more: object) -> dict[str, Any]:
    return of(event, worklog={"self": "https://x", "timeSpent": "2h", "id": "5"} | more)


COMMENT = {"self": "https://x/rest/api/2/issue/10001/comment/10084", "id": "10084", "body": "Größe"}
ASSIGNED = {"field": "assignee", "fieldtype": "jira", "fieldId": "assignee", "from": None, "to": "5a"}
ISSUE_EVENTS = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "jira:issue_of_the_future")

CASES: list[tuple[str, dict[str, Any], Scope]] = [
    *[(event, of(event, issue=issue()), refs(ONE)) for event in ISSUE_EVENTS],
    *[(f"an update, {name}", of("jira:issue_updated", issue_event_type_name=name, issue=issue(),
                                changelog=changed(ASSIGNED)), refs(ONE))
      for name in ("issue_generic", "issue_assigned", "issue_updated", "issue_resolved", "issue_dreamt")],
    ("of a bulk operation", of("jira:issue_updated", issue=issue(),
                               bulkOperationMetaData={"numberOfIssues": 90, "bulkOperationType": "edit"}), refs(ONE)),
    ("nothing but the id", of("jira:issue_updated", issue={"id": "10001"}), refs(ONE)),
    ("an id that is a number", of("jira:issue_updated", issue=issue() | {"id": ONE}), refs(ONE)),
    ("a key without fields", of("jira:issue_updated", issue={"id": "10001", "key": "SHOP-1"}), refs(ONE)),
    ("no fields shown", of("jira:issue_deleted", issue={"id": "10001", "key": "SHOP-1", "fields": None}), refs(ONE)),
    ("the other project", of("jira:issue_created", issue=issue(1, "TILL")), refs(ONE)),
    ("elsewhere", of("jira:issue_created", issue=issue(1, "OTHER")), NOTHING),
    ("elsewhere, by its key", of("jira:issue_updated", issue={"id": "10001", "key": "OTHER-1"}), NOTHING),
    ("a project that begins alike", of("jira:issue_created", issue=issue(1, "SHOPS")), NOTHING),
    ("old Server, without event", of(None, issue=issue(), comment=COMMENT), refs(ONE)),
    ("old Server, without event, elsewhere", of(None, issue=issue(1, "OTHER")), NOTHING),

    ("moved within ours", moved("SHOP", "TILL"), refs(ONE)),
    ("moved to where we do not look", moved("SHOP", "OTHER"), refs(ONE)),
    ("moved from where we do not look", moved("OTHER", "SHOP"), refs(ONE)),
    ("moved, and never ours", moved("OTHER", "ELSE"), NOTHING),
    ("moved, the key told by its id", moved("SHOP", "OTHER", changelog=changed(
        {"field": "Schlüssel", "fieldId": "issuekey", "fromString": "SHOP-1", "toString": "OTHER-1"})), refs(ONE)),
    ("moved, the former key untold", moved("?", "OTHER", changelog=changed(
        PROJECT | {"fromString": "Never-ours", "toString": "Other"})), refs(ONE)),
    ("moved, without a changelog", of("jira:issue_updated", issue_event_type_name="issue_moved",
                                      issue=issue(1, "OTHER")), refs(ONE)),
    ("updated elsewhere", of("jira:issue_updated", issue=issue(1, "OTHER"), changelog=changed(ASSIGNED)), NOTHING),
    ("updated elsewhere, changing nothing", of("jira:issue_updated", issue=issue(1, "OTHER"),
                                               changelog={"id": "7", "items": None}), NOTHING),

    *[(event, of(event, comment=COMMENT, issue=issue()), refs(ONE))
      for event in ("comment_created", "comment_updated", "comment_deleted")],
    ("comment elsewhere", of("comment_created", comment=COMMENT, issue=issue(1, "OTHER")), NOTHING),
    ("comment on Server, without its issue", of("comment_deleted", comment=COMMENT), refs(ONE)),
    ("comment of who knows what", of("comment_deleted", comment={"id": "10084"}), NOTHING),
    ("comment without a comment", of("comment_deleted"), NOTHING),

    *[(event, worklog(event, issueId="10002"), refs(TWO))
      for event in ("worklog_created", "worklog_updated", "worklog_deleted", "jira:worklog_updated")],
    ("worklog by number", worklog("worklog_created", issueId=TWO), refs(TWO)),
    ("worklog with its issue", worklog("worklog_created") | {"issue": issue()}, refs(ONE)),

    *[(event, link(event, sourceIssueId=ONE, destinationIssueId=TWO), refs(ONE, TWO))
      for event in ("issuelink_created", "issuelink_deleted")],
    ("link told in texts", link("issuelink_created", sourceIssueId="10001", destinationIssueId="10002"),
     refs(ONE, TWO)),
    ("link of one end", link("issuelink_deleted", destinationIssueId=TWO), refs(TWO)),
    ("link to itself", link("issuelink_created", sourceIssueId=ONE, destinationIssueId=ONE), refs(ONE)),

    *[(event, of(event, sprint={"id": 3, "name": "Sprint 3", "originBoardId": 1}), NOTHING)
      for event in ("sprint_created", "sprint_started", "sprint_closed", "sprint_updated", "sprint_deleted")],
    *[(event, of(event, version={"id": "10", "name": "1.0", "projectId": 10_000, "released": True}), Lately())
      for event in ("jira:version_released", "jira:version_unreleased", "jira:version_created", "jira:version_moved",
                    "jira:version_updated", "jira:version_deleted", "jira:version_merged")],
    *[(event, of(event, project={"id": 10_000, "key": "SHOP", "name": "Things"}), news("SHOP"))
      for event in ("project_created", "project_updated", "project_deleted", "project_archived")],
    ("project elsewhere", of("project_updated", project={"id": 1, "key": "OTHER"}), NOTHING),

    ("property with its issue", of("issue_property_set", property={"key": "x"}, issue=issue()), refs(ONE)),
    *[(event, of(event, property={"key": "x", "value": {"a": 1}}), NOTHING)
      for event in ("issue_property_set", "issue_property_deleted")],
    *[(event, of(event, attachment={"id": 1, "filename": "x"}), NOTHING)
      for event in ("attachment_created", "attachment_deleted")],
    ("attachment with its issue", of("attachment_created", attachment={"id": 1}, issue=issue()), refs(ONE)),
    *[(event, of(event, user={"accountId": "5a"}), NOTHING) for event in ("user_created", "user_updated",
                                                                           "user_deleted")],
    *[(event, of(event, property={"key": "x", "value": "true"}), NOTHING)
      for event in ("option_voting_changed", "option_timetracking_changed", "board_created", "filter_updated",
                    "jira_expression_evaluation_failed", "an_event_of_the_future")],

    ("an issue alone, as automation sends it", issue(), refs(ONE)),
    ("an issue alone, elsewhere", issue(1, "OTHER"), NOTHING),
    ("a rule of somebody's own", {"issue": {"key": "SHOP-1"}}, news("SHOP")),
    ("a rule of somebody's own, elsewhere", {"issue": {"key": "OTHER-1"}}, NOTHING),
    ("members of the future", of("jira:issue_updated", issue=issue(urgency=[1, {"a": None}]), mood={"x": 1}),
     refs(ONE)),
]  # fmt: skip


@pytest.mark.parametrize(("body", "scope"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_a_delivery_says_to_look_at(body: dict[str, Any], scope: Scope) -> None:
    jira, it = listening(), delivery(body)
    jira.verify(it)
    assert jira.scope_of(it) == scope


def test_the_connector_is_a_listener() -> None:
    assert isinstance(listening(), Listener)


# What is no delivery of Jira's.


BAD: list[tuple[str, bytes | dict[str, Any], str]] = [
    ("nothing", b"", "Exclude body"),
    ("blanks", b" \n", "Exclude body"),
    ("no JSON", b"<html>", "as Jira sends it"),
    ("cut short", json.dumps(of("jira:issue_updated", issue=issue())).encode()[:-9], "as Jira sends it"),
    ("a list", b"[]", "as Jira sends it"),
    ("a number", b"7", "as Jira sends it"),
    ("null", b"null", "as Jira sends it"),
    ("no event and no issue", {}, "names no issue"),
    ("no issue", of("jira:issue_updated"), "names no issue"),
    ("an issue that is null", of("jira:issue_updated", issue=None), "names no issue"),
    ("an issue without id and key", of("jira:issue_updated", issue={"fields": {}}), "by no id"),
    ("an id that is none", of("jira:issue_updated", issue={"id": "SHOP-1"}), "as Jira sends it"),
    ("an id with a line behind it", of("jira:issue_updated", issue={"id": "10001\n"}), "as Jira sends it"),
    ("an id below one", of("jira:issue_updated", issue={"id": 0}), "as Jira sends it"),
    ("an id that leads elsewhere", of("jira:issue_updated", issue={"id": "1/../2"}), "as Jira sends it"),
    ("an event that is a number", {"webhookEvent": 7, "issue": issue()}, "as Jira sends it"),
    ("a link of nothing", of("issuelink_created"), "names no issue"),
    ("a link without ends", link("issuelink_created"), "names no issue"),
    ("a worklog of nothing", worklog("worklog_created"), "names no issue"),
    ("no project", of("project_updated"), "names no project"),
    ("a project without a key", of("project_updated", project={"id": 1}), "names no project"),
    ("not UTF-8", b'{"webhookEvent":"\xff"}', "as Jira sends it"),
    ("too deep", b'{"member":' + b"[" * 100_000, "as Jira sends it"),
    ("beyond all numbers", b'{"issue":{"id":' + b"9" * 5_000 + b"}}", "as Jira sends it"),
]


@pytest.mark.parametrize(("body", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_no_delivery_of_jiras_is_named(body: bytes | dict[str, Any], words: str) -> None:
    with pytest.raises(BadDeliveryError, match=words) as caught:
        listening().scope_of(delivery(body))
    assert str(caught.value).startswith("work: ")
    assert "Größe" not in str(caught.value), "a delivery may be private"
    assert "SHOP" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


# Anything at all.


JIRA = listening()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


def judged(body: bytes) -> None:
    """Whatever comes, it is a scope of well-formed refs or the named error."""
    try:
        scope = JIRA.scope_of(delivery(body))
    except BadDeliveryError:
        return
    if isinstance(scope, These):
        assert all(ref.id.isdecimal() and ref.id.isascii() and int(ref.id) > 0 for ref in scope.refs)
    else:
        assert set(scope.only) <= {"SHOP", "TILL"}


@given(st.binary())
def test_any_bytes_are_a_scope_or_named(body: bytes) -> None:
    judged(body)


@given(st.sampled_from([case[1] for case in CASES]), VALUES, st.data())
def test_any_member_may_be_anything_or_missing(case: dict[str, Any], value: object, data: st.DataObject) -> None:
    body = json.loads(json.dumps(case))
    there = body
    for _ in range(6):
        name = data.draw(st.sampled_from(sorted(there)))
        if isinstance(there[name], dict) and there[name] and data.draw(st.booleans()):
            there = there[name]
            continue
        if data.draw(st.booleans()):
            there[name] = value
        else:
            del there[name]
        break
    judged(json.dumps(body).encode())


@given(VALUES)
def test_any_json_is_a_scope_or_named(body: object) -> None:
    judged(json.dumps(body).encode())
