"""Evidence of issues: pull requests, and releases and deployments that contain them; found when only those change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import msgspec
import pytest
from github_doubles import API, Clock, Open, opened, served, shop

from trackersync.connector import Item, Lately
from trackersync.errors import NotFoundError
from trackersync.sandbox import GitHub
from trackersync.sandbox.github.render import issue_node_id
from trackersync_github import GithubSettings
from trackersync_github.evidence import environments
from trackersync_github.graphql import GraphQL
from trackersync_github.keyset import cursor_of
from trackersync_github.pulls import PullRequest, Pulls, authors, states

UNRELATED = "Unrelated"


@dataclass
class Hub:
    """A repository whose settings leave issues open when their pull requests are merged, and its reader."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.model = shop(self.clock)
        self.model.code.closes = False
        self.cursors: dict[str, str] = {}
        self.known: dict[int, Item] = {}

    def later(self, **span: float) -> None:
        self.clock.time += timedelta(**(span or {"hours": 1}))

    def issue(self, title: str = "Gift cards") -> int:
        self.later(minutes=10)
        return self.model.create(title, labels=["stage: idea"]).number

    def merged(self, *closes: int) -> None:
        """Open a pull request, and merge it a while later."""
        pull = self.model.code.open_pull("Fix", closes=closes)
        self.later()
        self.model.code.merge(pull.number)

    async def news(self, it: Open) -> dict[int, Item]:
        """What a read since the last one shows anew, by number.

        Something unrelated has changed last of all, so that nothing is found only for having been read a moment ago.
        """
        self.later()
        self.model.create(UNRELATED)
        pages = await it.pages(Lately(self.cursors))
        cursors = {page.container: cursor_of(page.cursor) for page in pages if page.cursor is not None}
        # As of a repository with more than a page of issues: a small one is shown whole whenever anything changed.
        self.cursors |= {name: str(replace(cursor, anchor=None, tag="")) for name, cursor in cursors.items()}
        items = [item for page in pages for item in page.items if item.title != UNRELATED]
        shown = {int(item.key.rpartition("#")[2]): item for item in items}
        news = {number: item for number, item in shown.items() if self.known.get(number) != item}
        self.known |= news
        return news

    async def shown(self, it: Open, fact: str) -> dict[int, tuple[str, ...]]:
        """A fact of what a read since the last one shows anew, by number."""
        return {number: item.facts[fact] for number, item in (await self.news(it)).items()}


@pytest.fixture
def hub() -> Hub:
    return Hub()


def asked(model: GitHub, *words: str) -> int:
    """How many requests so far had any of some words in their path."""
    return sum(any(word in request.path for word in words) for request in model.requests)


# Pull requests.


async def test_by_default_nothing_is_asked_and_nothing_is_shown(hub: Hub) -> None:
    number = hub.issue()
    hub.merged(number)
    hub.model.code.release("v1")
    async with opened(served(hub.model), clock=hub.clock) as it:
        (item,) = await it.items()
    assert not {"pulls", "authors", "released", "deployed", "blocked", "parent", "checklist"} & item.facts.keys()
    assert asked(hub.model, "graphql", "compare", "releases") == 0


async def test_the_states_of_all_pull_requests_that_close_an_issue(hub: Hub) -> None:
    one, none = hub.issue(), hub.issue("Dark mode")
    code = hub.model.code
    draft, closed = code.open_pull("Try", closes=[one], draft=True), code.open_pull("No", closes=[one])
    code.open_pull("Mentions nothing")
    hub.model.edit(closed.number, state="closed")
    hub.merged(one)
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        assert await hub.shown(it, "pulls") == {one: ("draft", "merged", "closed"), none: ()}
        hub.later()
        code.ready(draft.number)
        assert await hub.shown(it, "pulls") == {one: ("open", "merged", "closed")}


async def test_the_authors_of_what_is_open(hub: Hub) -> None:
    one, none = hub.issue(), hub.issue("Dark mode")
    code = hub.model.code
    for by, draft in (("ada-l", False), ("grace-h", True), ("ada-l", True)):
        code.open_pull("Try", closes=[one], by=by, draft=draft)
    for nobody in ("dependabot[bot]", "copilot-swe-agent", "ghost"):
        code.open_pull("Try", closes=[one], by=nobody)
    closed = code.open_pull("No", closes=[one], by="alan-t")
    hub.model.edit(closed.number, state="closed")
    code.merge(code.open_pull("Done", closes=[one], by="kath-j").number)
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        assert await hub.shown(it, "authors") == {one: ("ada-l", "grace-h"), none: ()}
        hub.later()
        code.open_pull("Also", closes=[none], by="margaret-h")
        assert await hub.shown(it, "authors") == {none: ("margaret-h",)}


def test_a_placeholder_and_an_author_of_no_kind_are_nobody() -> None:
    pull = {"number": 1, "state": "OPEN", "repository": {"nameWithOwner": "acme/shop"}}
    rows = [pull | {"author": {"login": "ada-l"} | kind} for kind in ({}, {"__typename": "Mannequin"})]
    assert authors(msgspec.convert([*rows, pull], list[PullRequest])) == ()


async def test_an_issue_that_did_not_change_is_found_by_its_pull_request(hub: Hub) -> None:
    one, other = hub.issue(), hub.issue("Dark mode")
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        await hub.news(it)
        hub.later()
        unmoved = hub.model.issue(one).updated
        pull = hub.model.code.open_pull("Fix", closes=[one])
        assert await hub.shown(it, "pulls") == {one: ("open",)}
        hub.later()
        hub.model.code.links(pull.number, other)
        assert (await hub.shown(it, "pulls"))[other] == ("open",)
        hub.later()
        hub.model.code.merge(pull.number)
        assert await hub.shown(it, "pulls") == {other: ("merged",)}
        assert hub.model.issue(one).updated == unmoved
        hub.later()
        assert await hub.news(it) == {}


async def test_what_cannot_be_seen_by_what_changed_is_found_by_a_full_scan(hub: Hub) -> None:
    one = hub.issue()
    hub.later()
    pull = hub.model.code.open_pull("Fix", closes=[one])
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        assert await hub.shown(it, "pulls") == {one: ("open",)}
        hub.later()
        hub.model.code.links(pull.number)
        assert await hub.news(it) == {}
        hub.cursors.clear()
        assert await hub.shown(it, "pulls") == {one: ()}


async def test_more_pull_requests_than_one_answer_holds(hub: Hub) -> None:
    one = hub.issue()
    for _ in range(130):
        hub.model.code.open_pull("Try", closes=[one], draft=True)
    last = hub.model.code.open_pull("Fix", closes=[one])
    hub.model.code.merge(last.number)
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        assert await hub.shown(it, "pulls") == {one: ("draft", "merged")}


async def test_a_hundred_issues_cost_one_question(hub: Hub) -> None:
    hub.model.fill(())
    numbers = [hub.model.create(f"Issue {n}").number for n in range(100)]
    hub.merged(*numbers[:20])
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        shown = await hub.shown(it, "pulls")
    assert sum(bool(states) for states in shown.values()) == 20
    assert asked(hub.model, "graphql") <= 2


async def test_a_look_and_a_write_show_the_same_as_the_list(hub: Hub) -> None:
    one = hub.issue()
    hub.merged(one)
    hub.model.code.release("v1")
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls", "releases"]) as it:
        listed = (await hub.news(it))[one]
        assert listed.facts["released"] == ("published",)
        assert await it.item(listed.ref) == listed


async def test_a_pull_request_that_closes_another_repositorys_issue_moves_none_of_this(hub: Hub) -> None:
    one = hub.issue()
    other = GitHub("acme/code", clock=hub.clock)
    other.repository_id = 700_000_001
    hub.model.boards.hubs.append(other)
    assert other.create("Elsewhere").number == one
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        await hub.news(it)
        hub.later()
        hub.model.code.open_pull("Fix", closes=[("acme/code", one)])
        await hub.news(it)
    assert asked(hub.model, f"/issues/{one}") == 0


# Releases.


async def test_a_release_that_contains_the_merge(hub: Hub) -> None:
    first, second, open_still, untouched = (hub.issue(f"Issue {n}") for n in range(4))
    hub.merged(first)
    hub.model.code.release("v1")
    hub.later()
    hub.merged(second)
    hub.model.code.open_pull("Later", closes=[open_still])
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        assert await hub.shown(it, "released") == {first: ("published",), second: (), open_still: (), untouched: ()}
        hub.later()
        hub.model.code.release("v2")
        assert await hub.shown(it, "released") == {second: ("published",)}
        hub.later()
        assert await hub.news(it) == {}


async def test_the_first_release_of_all(hub: Hub) -> None:
    one, other = hub.issue(), hub.issue("Dark mode")
    hub.merged(one)
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        assert await hub.shown(it, "released") == {one: (), other: ()}
        hub.later()
        hub.model.code.release("v1")
        assert await hub.shown(it, "released") == {one: ("published",)}


async def test_a_draft_becomes_a_prerelease_and_then_a_release(hub: Hub) -> None:
    one = hub.issue()
    hub.merged(one)
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        await hub.news(it)
        hub.later()
        hub.model.code.release("v1", draft=True)
        assert await hub.shown(it, "released") == {one: ("draft",)}
        hub.later()
        hub.model.code.publish("v1", prerelease=True)
        assert await hub.shown(it, "released") == {one: ("prerelease",)}
        hub.later()
        hub.model.code.publish("v1")
        assert await hub.shown(it, "released") == {one: ("published",)}


async def test_what_was_in_a_prerelease_is_found_again_when_it_is_released(hub: Hub) -> None:
    one = hub.issue()
    hub.model.code.commit()
    hub.model.code.release("v1")
    hub.merged(one)
    hub.model.code.release("v2-rc", prerelease=True)
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        assert await hub.shown(it, "released") == {one: ("prerelease",)}
        hub.later()
        hub.model.code.release("v2")
        assert await hub.shown(it, "released") == {one: ("published",)}


async def test_what_one_commit_contains_is_asked_once(hub: Hub) -> None:
    hub.merged(hub.issue())
    hub.model.code.release("v1")
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        await hub.news(it)
        hub.cursors.clear()
        await hub.news(it)
    assert asked(hub.model, "/compare/") == 1


async def test_a_release_of_another_branch_contains_only_what_is_on_it(hub: Hub) -> None:
    early, late = hub.issue(), hub.issue("Dark mode")
    hub.merged(early)
    stable = hub.model.code.refs["main"]
    hub.merged(late)
    hub.later()
    patch = hub.model.code.commit(stable)
    hub.model.code.release("v1.0.1", target=patch.oid)
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        assert await hub.shown(it, "released") == {early: ("published",), late: ()}


async def test_an_older_release_speaks_for_what_the_newest_lacks(hub: Hub) -> None:
    one = hub.issue()
    before = hub.model.code.commit().oid
    hub.merged(one)
    hub.model.code.release("v2")
    hub.later()
    hub.model.code.release("v1.0.1", target=hub.model.code.commit(before).oid)
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        assert await hub.shown(it, "released") == {one: ("published",)}


async def test_many_merged_issues_are_told_by_reading_the_history(hub: Hub) -> None:
    numbers = [hub.issue(f"Issue {n}") for n in range(90)]
    for number in numbers[:60]:
        hub.merged(number)
    hub.model.code.release("v1")
    hub.later(days=3)
    for number in numbers[60:]:
        hub.merged(number)
    async with opened(served(hub.model), clock=hub.clock, evidence=["releases"]) as it:
        shown = await hub.shown(it, "released")
        assert {number for number, kinds in shown.items() if kinds} == set(numbers[:60])
        # What was merged after the release is not asked for at all, and what the history shows is not compared.
        assert asked(hub.model, "/compare/") == 0
        sent = len(hub.model.requests)
        hub.cursors.clear()
        await hub.news(it)
        assert len(hub.model.requests) - sent <= 6, "what never changes is asked again"


async def test_a_pull_request_of_another_repository(hub: Hub) -> None:
    """Its merge commit is looked for in its own releases."""
    one = hub.issue()
    other = GitHub("acme/code", clock=hub.clock)
    other.repository_id = 700_000_001
    hub.model.boards.hubs.append(other)
    other.code.closes = False
    pull = other.code.open_pull("Fix", closes=[("acme/shop", one)])
    other.code.merge(pull.number)
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls", "releases"]) as it:
        item = (await hub.news(it))[one]
        assert (item.facts["pulls"], item.facts["released"]) == (("merged",), ())
        hub.later()


# Deployments.


async def test_deployed_where_the_latest_deployment_that_works_contains_the_merge(hub: Hub) -> None:
    first, second = hub.issue(), hub.issue("Dark mode")
    code = hub.model.code
    hub.merged(first)
    stable = code.refs["main"]
    code.deploy("Production")
    hub.later()
    hub.merged(second)
    code.deploy("staging")
    async with opened(served(hub.model), clock=hub.clock, evidence=["deployments"]) as it:
        assert await hub.shown(it, "deployed") == {first: ("production",), second: ()}
        hub.later()
        code.deploy("production", state="FAILURE")
        assert await hub.news(it) == {}
        slow = code.deploy("production", state="IN_PROGRESS")
        hub.later()
        assert await hub.news(it) == {}
        code.succeed(slow.id)
        assert await hub.shown(it, "deployed") == {second: ("production",)}
        hub.later()
        code.deploy("production", ref=stable)
        assert await hub.shown(it, "deployed") == {second: ()}, "what was rolled back is deployed no more"
        hub.later()
        assert await hub.news(it) == {}


async def test_several_deployments_between_two_reads(hub: Hub) -> None:
    first, second = hub.issue(), hub.issue("Dark mode")
    hub.model.code.commit()
    hub.model.code.deploy()
    async with opened(served(hub.model), clock=hub.clock, evidence=["deployments"]) as it:
        hub.merged(first)
        hub.merged(second)
        await hub.news(it)
        for commit in (hub.model.code.commits[hub.model.code.refs["main"]].parents[0], "main"):
            hub.later()
            hub.model.code.deploy(ref=commit)
        assert await hub.shown(it, "deployed") == {first: ("production",), second: ("production",)}


async def test_an_environment_that_was_taken_down_has_nothing_deployed(hub: Hub) -> None:
    one = hub.issue()
    hub.merged(one)
    hub.model.code.deploy(state="INACTIVE")
    async with opened(served(hub.model), clock=hub.clock, evidence=["deployments"]) as it:
        assert await hub.shown(it, "deployed") == {one: ()}


async def test_environments_are_those_of_the_settings_and_of_the_stages(hub: Hub) -> None:
    stages = {"distribute": [{"deployed": "staging"}], "launch": {"deployed": ["Live", "live"]}}
    settings = GithubSettings.model_validate(
        {"connector": "github", "repositories": ["acme/shop"], "evidence": ["deployments"], "stages": stages}
    )
    assert set(environments(settings)) == {"staging", "live", "production"}
    one = hub.issue()
    hub.merged(one)
    hub.model.code.deploy("staging")
    hub.model.code.deploy("live")
    async with opened(served(hub.model), clock=hub.clock, evidence=["deployments"], stages=stages) as it:
        assert await hub.shown(it, "deployed") == {one: ("live", "staging")}


# What cannot be read.


@pytest.mark.parametrize(
    ("evidence", "permission"),
    [
        (["pulls"], "Pull requests: read"),
        (["releases"], "Contents: read"),
        (["deployments"], "Deployments: read"),
    ],
)
async def test_without_the_permission_the_repository_fails_and_the_sentence_names_it(
    hub: Hub, evidence: Iterable[str], permission: str
) -> None:
    hub.merged(hub.issue())
    hub.model.code.readable = False
    async with opened(served(hub.model), clock=hub.clock, evidence=list(evidence)) as it:
        pages, error = await it.until_error()
    assert not any(page.complete for page in pages)
    assert not [item for page in pages for item in page.items]
    assert "evidence" in str(error)
    assert permission in str(error)
    assert error.containers == ("acme/shop",)


async def test_without_the_permission_news_of_pull_requests_fail_as_well(hub: Hub) -> None:
    one = hub.issue()
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        await hub.news(it)
        hub.later()
        hub.model.code.open_pull("Fix", closes=[one])
        hub.model.code.readable = False
        _, error = await it.until_error(Lately(hub.cursors))
    assert isinstance(error, NotFoundError)
    assert "Pull requests: read" in str(error)


async def test_a_host_without_graphql_is_told_so(hub: Hub) -> None:
    hub.issue()
    hub.model.boards.graphql = False
    async with opened(served(hub.model), clock=hub.clock, evidence=["pulls"]) as it:
        _, error = await it.until_error()
    assert "needs GraphQL" in str(error)
    assert "Take it out of `evidence`" in str(error)


async def test_an_issue_that_goes_while_it_is_read_stops_nobody(hub: Hub) -> None:
    one, other = hub.issue(), hub.issue("Dark mode")
    hub.merged(one, other)
    ids = {number: issue_node_id(hub.model, hub.model.issue(number)) for number in (one, other)}
    hub.model.delete(one)
    async with opened(served(hub.model), clock=hub.clock) as it:
        found = await Pulls(GraphQL(it.wire, API)).closing(list(ids.values()))
    assert {number: states(found.get(identity, ())) for number, identity in ids.items()} == {
        one: (),
        other: ("merged",),
    }


def test_a_stage_that_names_evidence_wants_it_read() -> None:
    with pytest.raises(ValueError, match=r"add evidence: \[releases\]"):
        GithubSettings.model_validate(
            {"connector": "github", "repositories": ["acme/shop"], "stages": {"release": {"released": "published"}}}
        )
