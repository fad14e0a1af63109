"""The links of issues to other trackers' items, as the fact ``links``: ``writes: [stage, owners, links]``.

Jira calls them remote links. Ours are those whose ``globalId`` is of our form (``connector.RemoteLink``); all others
are never shown as facts and never touched. A link is written with its ``globalId``, so that writing it again updates
it instead of making another, and always whole, since Jira sets to null what an update leaves out. (Atlassian, "The Jira
Cloud platform REST API" v3, "Create or update remote issue link".)

They stand in no field of an issue, so each issue that is read takes a request more. Whether a link that somebody adds
or takes off moves the issue's ``updated`` Jira does not promise: where it does not, the next full scan shows it.

An issue may be shown while its links are not (403). It has no such fact then, and nothing is written to its links; only
where all that are asked for say so, it is the account or the site that lets nobody see them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from trackersync.connector import (
    Answer,
    AuthError,
    Change,
    Item,
    NotFoundError,
    RejectedError,
    RemoteLink,
    StaleError,
    UnavailableError,
    decode,
)
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


class _Configuration(msgspec.Struct, frozen=True, rename="camel"):
    issue_linking_enabled: bool = False


async def items(api: Api, issues: Sequence[Issue]) -> tuple[Item, ...]:
    """Issues as items, with their links where these are wanted; no more than eight are asked for at once.

    One whose links Jira refuses to show comes without them.

    Raises:
        RejectedError: Jira refuses to show the links of any.
        UnavailableError: Jira gave no usable answer.
    """
    found = [item(api.site, issue) for issue in issues]
    if not api.site.links:
        return tuple(found)
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_links(api, one)) for one in found]
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error
    links = [task.result() for task in asked]
    hidden = [answer for answer in links if isinstance(answer, RejectedError)]
    if hidden and len(hidden) == len(links) and not (len(hidden) == 1 and await _switched_on(api)):
        raise hidden[0]
    return tuple(
        one if isinstance(texts, RejectedError) else replace(one, facts={**one.facts, FACT: texts})
        for one, texts in zip(found, links, strict=True)
    )


async def shown(api: Api, issue: Issue) -> Item:
    """One issue as an item; see ``items``."""
    (one,) = await items(api, (issue,))
    return one


async def write(api: Api, change: Change, seen: Item) -> None:
    """Put the links there that are to be there, and take off those that are not.

    Args:
        api: Jira.
        change: of links.
        seen: the issue as it was just looked at.

    Raises:
        RejectedError: Jira does not let us, or does not show what is there; ``partly`` where some of it is done.
        StaleError, NotFoundError, AuthError: nothing was written.
        UnavailableError: not done, or with ``in_doubt`` perhaps done, or done in part.
    """
    if api.site.links and FACT not in seen.facts:
        raise RejectedError(f"{change.key}: Jira does not show its links (403). Nothing was written. {_REMEDY}")
    after = _by_name(change.after[FACT])
    before = _by_name(change.before[FACT])
    done = False
    try:
        for name, link in after.items():
            if before.get(name) != link:
                answer = await api.wire.write("POST", _path(api, change.ref.id), fact=FACT, json=_body(link))
                _expect_done(answer, f"{change.key}: Jira refuses the link to {link.title}")
                done = True
        for name in before.keys() - after.keys():
            answer = await api.wire.write("DELETE", _path(api, change.ref.id), fact=FACT, params={"globalId": name})
            # Gone already: what is read back tells whether that is all.
            if answer.status != 404:
                _expect_done(answer, f"{change.key}: Jira keeps the link to {before[name].title}")
            done = True
    except (AuthError, NotFoundError, RejectedError, StaleError, UnavailableError) as error:
        if not done:
            raise
        raise _half(error) from error


async def _links(api: Api, one: Item) -> tuple[str, ...] | RejectedError:
    """The links of an issue that are ours; the refusal where Jira forbids to see them."""
    answer = known(await api.wire.read("GET", _path(api, one.ref.id)))
    if answer.status == 404:
        # Gone meanwhile: whoever looks for it by id is told.
        return ()
    if answer.status != 200:
        # 403 says that issue linking is switched off, or only that this account may not see those of this issue.
        remedy = "See that issue linking is switched on in Jira; or leave links out of this tracker's `writes`."
        error = refused(answer, f"{one.key}: Jira does not show its links", remedy)
        if answer.status == 403 and isinstance(error, RejectedError):
            return error
        raise error
    links = decode(answer, list[RemoteIssueLink])
    ours = (RemoteLink.shown(link.global_id, link.object.url, link.object.title) for link in links)
    return tuple(link.text for link in ours if link is not None)


async def _switched_on(api: Api) -> bool:
    """Whether issues may be linked at all ("Get global settings"): then a single refusal is that issue's own."""
    answer = known(await api.wire.read("GET", f"{api.root}/configuration"))
    return answer.status == 200 and decode(answer, _Configuration).issue_linking_enabled


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


def _expect_done(answer: Answer, refusal: str) -> None:
    if not 200 <= answer.status < 300:
        raise refused(answer, refusal, _REMEDY if answer.status == 403 else "")


def _half(error: Exception) -> RejectedError | UnavailableError:
    """The trouble after a part of the links was written: that part is ours, whatever stopped the rest."""
    words = f"{error} Others of its links were written before."
    if isinstance(error, RejectedError):
        return RejectedError(words, partly=True)
    later = error.retry_after if isinstance(error, UnavailableError) else None
    return UnavailableError(words, retry_after=later, in_doubt=True)
