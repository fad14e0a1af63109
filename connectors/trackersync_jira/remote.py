"""The links of issues to other trackers' items, as the fact ``links``: ``writes: [stage, owners, links]``.

Jira calls them remote links. Ours are those whose ``globalId`` is of our form (``connector.RemoteLink``); all others
are never shown as facts and never touched. A link is written with its ``globalId``, so that writing it again updates
it instead of making another, and always whole, since Jira sets to null what an update leaves out. (Atlassian, "The Jira
Cloud platform REST API" v3, "Create or update remote issue link".)

They stand in no field of an issue, so each issue that is read takes a request more. Whether a link that somebody adds
or takes off moves the issue's ``updated`` Jira does not promise: where it does not, the next full scan shows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from trackersync.connector import Answer, Change, Item, RejectedError, RemoteLink, UnavailableError, decode
from trackersync_jira.api import Api
from trackersync_jira.items import item
from trackersync_jira.refusals import known, refused
from trackersync_jira.shapes import Issue, RemoteIssueLink

FACT = "links"
RELATIONSHIP = "is the same task as"
"""Under which words people find the link on the issue's page."""

_APPLICATION = {"type": "trackersync", "name": "trackersync"}
_REMEDY = (
    'Give the account the permission "Link issues" in this project, and see that issue linking is switched on; or '
    "leave links out of this tracker's `writes`."
)


async def items(api: Api, issues: Sequence[Issue]) -> tuple[Item, ...]:
    """Issues as items, with their links where these are wanted; no more than eight are asked for at once.

    Raises:
        RejectedError, UnavailableError: Jira does not show the links of one.
    """
    found = [item(api.site, issue) for issue in issues]
    if not api.site.links:
        return tuple(found)
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_links(api, one)) for one in found]
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error
    return tuple(replace(one, facts={**one.facts, FACT: task.result()}) for one, task in zip(found, asked, strict=True))


async def shown(api: Api, issue: Issue) -> Item:
    """One issue as an item; see ``items``."""
    (one,) = await items(api, (issue,))
    return one


async def write(api: Api, change: Change) -> None:
    """Put the links there that are to be there, and take off those that are not.

    Raises:
        RejectedError: Jira does not let us; ``partly`` where some of it is done.
    """
    after = _by_name(change.after[FACT])
    before = _by_name(change.before[FACT])
    done = False
    for name, link in after.items():
        if before.get(name) != link:
            answer = await api.wire.write("POST", _path(api, change.ref.id), fact=FACT, json=_body(link))
            _expect_done(answer, f"{change.key}: Jira refuses the link to {link.title}", done=done)
            done = True
    for name in before.keys() - after.keys():
        answer = await api.wire.write("DELETE", _path(api, change.ref.id), fact=FACT, params={"globalId": name})
        # Gone already: what is read back tells whether that is all.
        if answer.status != 404:
            _expect_done(answer, f"{change.key}: Jira keeps the link to {before[name].title}", done=done)
        done = True


async def _links(api: Api, one: Item) -> tuple[str, ...]:
    answer = known(await api.wire.read("GET", _path(api, one.ref.id)))
    if answer.status == 404:
        # Gone meanwhile: whoever looks for it by id is told.
        return ()
    if answer.status != 200:
        # 403 says that issue linking is switched off.
        remedy = "See that issue linking is switched on in Jira; or leave links out of this tracker's `writes`."
        raise refused(answer, f"{one.key}: Jira does not show its links", remedy)
    links = decode(answer, list[RemoteIssueLink])
    ours = (RemoteLink.shown(link.global_id, link.object.url, link.object.title) for link in links)
    return tuple(link.text for link in ours if link is not None)


def _path(api: Api, issue_id: str) -> str:
    return f"{api.path(issue_id)}/remotelink"


def _by_name(texts: Sequence[str]) -> dict[str, RemoteLink]:
    links = (RemoteLink.parse(text) for text in texts)
    return {link.global_id: link for link in links if link is not None}


def _body(link: RemoteLink) -> dict[str, object]:
    """All that a link of ours has. Its title is the other item's key: nothing else leaves the other tracker."""
    return {
        "globalId": link.global_id,
        "application": _APPLICATION,
        "relationship": RELATIONSHIP,
        "object": {"url": link.url, "title": link.title},
    }


def _expect_done(answer: Answer, refusal: str, *, done: bool) -> None:
    if 200 <= answer.status < 300:
        return
    error = refused(answer, refusal, _REMEDY if answer.status == 403 else "")
    if done and isinstance(error, RejectedError):
        raise RejectedError(str(error), partly=True)
    if done and isinstance(error, UnavailableError):
        # Some of it has arrived, so that what the issue shows now is not known.
        raise UnavailableError(str(error), retry_after=error.retry_after, in_doubt=True)
    raise error
