"""Deliveries that GitHub recorded for its documentation, years apart: each is accepted and gives the scope it must.

What each must give was worked out by reading the bodies; a body that is not in the table fails the test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from github_bodies import EVERYTHING, NOTHING, delivery, listening, news, refs

from trackersync.connector import Scope

HELLO = "Codertocat/Hello-World"
ISSUE = refs("186853002/1")
"""Number 1 of ``HELLO``, whose id is 186853002; number 2 there is a pull request."""

PLAIN: dict[str, list[Scope]] = {
    "installation": [EVERYTHING] * 4,
    "installation_repositories": [EVERYTHING] * 2,
    "issue_comment": [ISSUE] * 5,
    # Milestoned and demilestoned are told of the pull request. The second "opened" is of an issue that came from a
    # repository that is not configured.
    "issues": [ISSUE] * 3 + [NOTHING] + [ISSUE] * 3 + [NOTHING] + [ISSUE] * 7,
    "label": [news(HELLO)] * 3,
    "member": [NOTHING] * 2,
    "milestone": [news(HELLO)] * 3,
    "ping": [NOTHING] * 2,
    "projects_v2_item": [NOTHING] * 4,
    "pull_request": [NOTHING] * 15,
    # The third one tells of another default branch.
    "repository": [EVERYTHING] * 2 + [NOTHING] + [EVERYTHING] * 4,
}

EVERYTHING_ON: dict[str, list[Scope]] = PLAIN | {
    "issues": [ISSUE] * 3
    + [refs("186853002/2")]
    + [ISSUE] * 3
    + [refs("186853002/2")]
    + [ISSUE, refs("186853002/1", "17273051/1")]
    + [ISSUE] * 5,
    # A draft of another organisation; a draft that became an issue; a draft of ours; an issue that was restored.
    "projects_v2_item": [NOTHING, EVERYTHING, NOTHING, EVERYTHING],
    "pull_request": [news(HELLO)] * 15,
}

NONE_OF_OURS: dict[str, list[Scope]] = {
    event: scopes if event.startswith("installation") else [NOTHING] * len(scopes) for event, scopes in PLAIN.items()
}

SETTINGS: dict[str, tuple[dict[str, list[Scope]], tuple[str, ...], dict[str, Any]]] = {
    "plain": (PLAIN, (HELLO, "octocoders/hello-world"), {}),
    "everything on": (
        EVERYTHING_ON,
        (HELLO, "Octocoders/Hello-World", "octo-org/octo-repo"),
        {
            "pull_requests": True,
            "evidence": ["relations", "pulls", "releases", "deployments"],
            "project": {"owner": "octocoders", "number": 1},
        },
    ),
    "none of ours": (NONE_OF_OURS, ("acme/shop",), {"project": {"owner": "acme", "number": 1}}),
}


@pytest.fixture
def recorded(shared: Path) -> dict[str, list[dict[str, Any]]]:
    folder = shared / "data" / "webhooks" / "github"
    if not folder.is_dir():
        pytest.skip("recorded deliveries are not beside the checkout")
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["examples"] for path in folder.glob("*.json")}


def test_every_recorded_body_is_in_the_table(recorded: dict[str, list[dict[str, Any]]]) -> None:
    count = {event: len(bodies) for event, bodies in recorded.items()}
    for table, _, _ in SETTINGS.values():
        assert {event: len(scopes) for event, scopes in table.items()} == count


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("event", PLAIN)
def test_a_recorded_body_is_accepted_and_names_what_it_must(
    recorded: dict[str, list[dict[str, Any]]], event: str, name: str, form: bool
) -> None:
    table, repositories, more = SETTINGS[name]
    github = listening(*repositories, **more)
    deliveries = [delivery(event, body, form=form) for body in recorded[event]]
    for one in deliveries:
        github.verify(one)
    assert [github.scope_of(one) for one in deliveries] == table[event]


@pytest.mark.parametrize("event", PLAIN)
def test_without_the_singular_assignee_a_recorded_body_says_the_same(
    recorded: dict[str, list[dict[str, Any]]], event: str
) -> None:
    """As API version 2026-03-10 has it."""

    def newer(value: Any) -> Any:  # noqa: ANN401  # JSON
        if isinstance(value, dict):
            return {name: newer(inner) for name, inner in value.items() if name != "assignee"}
        return [newer(inner) for inner in value] if isinstance(value, list) else value

    table, repositories, more = SETTINGS["everything on"]
    github = listening(*repositories, **more)
    assert [github.scope_of(delivery(event, newer(body))) for body in recorded[event]] == table[event]
