"""Deliveries that Cloud and Server sent, of several years: each is accepted and gives the scope it must.

What each must give was worked out by reading the bodies; a body that is not in the table fails the test.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jira_bodies import NOTHING, SECRET, delivery, listening, refs

from trackersync.connector import BadDeliveryError, These

ISSUES: dict[str, tuple[str, int]] = {
    "webhook-cloud-comment-created-mention-user": ("TES", 10040),
    "webhook-cloud-comment-deleted": ("KT", 10357),
    "webhook-cloud-issue-created-many-fields": ("KT", 10509),
    "webhook-issue-assigned-empty-changelog": ("TEST", 10001),
    "webhook-issue-created": ("TES", 10040),
    "webhook-issue-created-no-description-nor-relevant-fields": ("TES", 10040),
    "webhook-issue-created-no-relevant-fields": ("TES", 10040),
    "webhook-issue-updated-assigned": ("TES", 10040),
    "webhook-issue-updated-assigned-nobody": ("TES", 10040),
    "webhook-issue-updated-components": ("TES", 10360),
    "webhook-issue-updated-fix-version": ("TES", 10040),
    "webhook-issue-updated-labels": ("TES", 10040),
    "webhook-issue-updated-multiple-custom-fields": ("TES", 10040),
    "webhook-issue-updated-raised-priority": ("TES", 10040),
    "webhook-issue-updated-renamed": ("TES", 10040),
    "webhook-issue-updated-reopened": ("TES", 10040),
    "webhook-issue-updated-resolved": ("TES", 10040),
    "webhook-issue-updated-started-working": ("TES", 10040),
    # It carries no issue: only the address of the comment says which one it was on.
    "webhook-server-comment-deleted": ("", 10013),
    "webhook-server-issue-updated-closed": ("TES", 10300),
    "webhook-server-issue-updated-comment-edited": ("PRJX", 10013),
    "webhook-server-issue-updated-commented-2": ("PRJA", 10231),
    "webhook-server-issue-updated-commented-mention-user": ("PRJX", 10013),
    "webhook-server-issue-updated-many-fields": ("HEY", 10400),
    "webhook-server-issue-updated-resolved": ("TES", 10300),
    "webhook-server-old-issue-updated-no-event-type-comment-deleted": ("PRJX", 10013),
    "webhook-server-old-issue-updated-no-event-type-commented": ("PRJX", 10013),
    "webhook-server-updated-custom-field": ("TES", 10106),
}
"""By body, the project and the id of the issue it is about; no project where it does not say."""

OURS = tuple(sorted({project for project, _ in ISSUES.values() if project}))


@pytest.fixture
def recorded(shared: Path) -> dict[str, bytes]:
    folder = shared / "data" / "webhooks" / "jira"
    if not folder.is_dir():
        pytest.skip("recorded deliveries are not beside the checkout")
    return {path.stem: path.read_bytes() for path in folder.glob("*.json")}


def test_every_recorded_body_is_in_the_table(recorded: dict[str, bytes]) -> None:
    assert set(recorded) == set(ISSUES)


@pytest.mark.parametrize("name", ISSUES)
def test_a_recorded_body_is_accepted_and_names_its_issue(recorded: dict[str, bytes], name: str) -> None:
    jira, it = listening(*OURS), delivery(recorded[name])
    jira.verify(it)
    assert jira.scope_of(it) == refs(ISSUES[name][1])


@pytest.mark.parametrize("name", ISSUES)
def test_where_its_project_is_not_ours_it_names_nothing(recorded: dict[str, bytes], name: str) -> None:
    project, number = ISSUES[name]
    others = listening(*(key for key in OURS if key != project))
    assert others.scope_of(delivery(recorded[name])) == (NOTHING if project else refs(number))


@pytest.mark.parametrize("name", ISSUES)
def test_without_its_event_it_names_the_same(recorded: dict[str, bytes], name: str) -> None:
    """As the oldest Servers send it."""
    raw = re.sub(rb'"(webhookEvent|issue_event_type_name)"', rb'"was-\1"', recorded[name])
    assert raw != recorded[name]
    assert listening(*OURS).scope_of(delivery(raw)) == refs(ISSUES[name][1])


def test_what_a_recorded_body_says_stays_in_it(recorded: dict[str, bytes]) -> None:
    """Cut short it is none; and what is said of that quotes nothing."""
    secret_words = ("Unit test", "sample.user", "TES-41", SECRET)
    for raw in recorded.values():
        with pytest.raises(BadDeliveryError, match="work: a delivery is not as Jira sends it") as caught:
            listening(*OURS).scope_of(delivery(raw[:-20]))
        assert not [word for word in secret_words if word in str(caught.value)]


def test_an_issue_that_two_bodies_name_is_one(recorded: dict[str, bytes]) -> None:
    named = {listening(*OURS).scope_of(delivery(raw)) for raw in recorded.values()}
    assert len(named) == len({number for _, number in ISSUES.values()})
    assert all(isinstance(scope, These) and len(scope.refs) == 1 for scope in named)
