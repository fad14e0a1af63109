"""The vendors' own Python libraries find the shop as they would find the real thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import github as pygithub
import jira as pyjira
import pytest

if TYPE_CHECKING:
    from trackersync.sandbox import Sandbox


def test_pygithub_lists_and_writes(sandbox: Sandbox) -> None:
    client = pygithub.Github(
        auth=pygithub.Auth.Token("good"),
        base_url=sandbox.github_url,
        per_page=10,
        seconds_between_requests=0,
        seconds_between_writes=0,
        retry=None,
    )
    try:
        repository = client.get_repo("acme/shop")
        issues = list(repository.get_issues(state="all", sort="updated", direction="asc"))
        assert len(issues) == 44
        assert sum(issue.pull_request is None for issue in issues) == 42
        moments = [issue.updated_at for issue in issues]
        assert moments == sorted(moments)
        assert len({issue.number for issue in issues}) == 44
        assert client.get_user().login == "acme-bot"
        issue = repository.get_issue(9)
        issue.add_to_labels("stage: verify")
        issue.remove_from_labels("stage: build")
        issue.add_to_assignees("ada-l")
        issue.edit(state="closed", state_reason="not_planned")
        held = sandbox.github.issue(9)
        assert ("stage: verify" in held.labels, "stage: build" in held.labels) == (True, False)
        assert (held.assignees, held.state, held.reason) == (("ada-l",), "closed", "not_planned")
        assert repository.has_in_assignees("ada-l")
        assert len(list(repository.get_labels())) == 18
        with pytest.raises(pygithub.UnknownObjectException):
            client.get_repo("acme/other")
    finally:
        client.close()


def test_pygithub_with_a_bad_token(sandbox: Sandbox) -> None:
    client = pygithub.Github(auth=pygithub.Auth.Token("bad"), base_url=sandbox.github_url, retry=None)
    try:
        with pytest.raises(pygithub.BadCredentialsException):
            client.get_repo("acme/shop")
    finally:
        client.close()


def test_jira_library_on_cloud(sandbox: Sandbox) -> None:
    client = pyjira.JIRA(sandbox.jira_url, basic_auth=("bot@acme.example", "good"), timeout=5, max_retries=0)
    try:
        found = client.search_issues("project = SHOP ORDER BY updated ASC", maxResults=False, fields="summary,status")
        assert len({issue.key for issue in found}) == 44
        ways = client.transitions("SHOP-33", expand="transitions.fields")
        assert "Done" not in {way["to"]["name"] for way in ways}
        client.transition_issue("SHOP-33", "Hand to review")
        client.transition_issue("SHOP-33", "Accept", fields={"resolution": {"name": "Done"}})
        assert (sandbox.jira.issue("SHOP-33").status, sandbox.jira.issue("SHOP-33").resolution) == ("Done", "Done")
        assert client.issue("SHOP-42").fields.assignee.displayName == "ada-l"
        assert client.approximate_issue_count("project = SHOP") == 44
        assert client.project("SHOP").key == "SHOP"
        with pytest.raises(pyjira.JIRAError, match="does not exist for the field 'project'"):
            client.search_issues("project = NOPE")
    finally:
        client.close()


def test_jira_library_on_data_center(sandbox: Sandbox) -> None:
    client = pyjira.JIRA(sandbox.jira_url, token_auth="good", timeout=5, max_retries=0)
    try:
        found = client.search_issues("project = SHOP ORDER BY key ASC", startAt=10, maxResults=20, fields="summary")
        assert (len(found), found.total) == (20, 44)
        assert client.myself()["name"] == "acme-bot"
    finally:
        client.close()
