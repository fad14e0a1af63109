"""Deliveries that Cloud and Server sent, of several years: each is accepted and gives the scope it must.

What each must give was worked out by reading the bodies; a body that is not in the table fails the test.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jira_bodies import NOTHING, SECRET, delivery, listening, refs

from recorded_jira import ISSUES, OURS
from trackersync.connector import BadDeliveryError, These


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
