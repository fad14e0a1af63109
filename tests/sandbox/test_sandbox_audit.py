"""The audit tells every edit that took effect, whoever made it, and when each request was served."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from conftest import Watch
    from trackersync.sandbox import GitHub, Jira

ISSUE = "/repos/acme/shop/issues/17"


def test_people_and_callers_of_the_api_are_told_apart(github: GitHub, jira: Jira) -> None:
    old = github.issue(17)
    github.edit(17, title="Gift cards", by="ada-l")
    jira.edit("SHOP-42", status="In Review", by="ada-l")

    (mine,), (theirs,) = github.edits, jira.edits
    assert (mine.by, mine.before, mine.after) == ("ada-l", old, github.issue(17))
    assert theirs.by == jira.user("ada-l").account_id
    assert (theirs.before.status, theirs.after.status) == ("In Progress", "In Review")


async def test_what_a_caller_changes_is_in_it_with_its_moment(
    github: GitHub, hub: httpx.AsyncClient, watch: Watch
) -> None:
    watch.pass_by(seconds=1.5)
    await hub.post(f"{ISSUE}/labels", json=["stage: build"])

    (edit,) = github.edits
    assert (edit.by, edit.at) == ("acme-bot", watch.now)
    assert set(edit.after.labels) - set(edit.before.labels) == {"stage: build"}
    assert [request.at for request in github.requests] == [watch.now]


async def test_what_changes_nothing_is_not_in_it(github: GitHub, hub: httpx.AsyncClient) -> None:
    for _ in range(2):
        await hub.post(f"{ISSUE}/labels", json=["bug"])
    await hub.post(f"{ISSUE}/labels", json=[7.5, {}])
    github.edit(17, assignees=[], by="ada-l")
    assert github.edits == []


async def test_a_move_through_the_api_is_in_jiras_too(jira: Jira, cloud: httpx.AsyncClient) -> None:
    ways = (await cloud.get("/issue/SHOP-42/transitions")).json()["transitions"]
    way = next(way for way in ways if way["to"]["name"] == "In Review")
    await cloud.post("/issue/SHOP-42/transitions", json={"transition": {"id": way["id"]}})
    assert [(edit.before.status, edit.after.status) for edit in jira.edits] == [("In Progress", "In Review")]
