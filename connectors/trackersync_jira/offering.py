"""Which projects the credential shows, before anybody has said which are meant.

Cloud says when something last happened in each; Data Center does not, so there the issues changed last are looked at.
Sources: Atlassian, "Get projects paginated" (Jira Cloud platform REST API v3), "Get all projects" (Jira Data Center
REST API v2).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from trackersync.connector import AuthError, Container, NotFoundError, RejectedError, UnavailableError, each
from trackersync_jira.api import Api
from trackersync_jira.refusals import known, refused
from trackersync_jira.shaped import shaped

MOST = 1_000
"""More projects than so many are no list to choose from."""
PAGE = 100
"""Projects that Cloud gives at once, at most."""
LATELY = 100
"""On Data Center, the issues changed last that are looked at to know where something happens."""
COUNTED = 10
"""Of so many projects the open issues are counted, a request for each."""


class Insight(msgspec.Struct, frozen=True, rename="camel"):
    """What Cloud tells of a project's issues."""

    last_issue_update_time: str | None = None


class Offer(msgspec.Struct, frozen=True):
    """A project as lists show it."""

    key: str
    name: str = ""
    archived: bool | None = None
    insight: Insight | None = None


class Offers(msgspec.Struct, frozen=True, rename="camel"):
    """A page of projects."""

    values: list[Offer]
    is_last: bool | None = None


class ChangedFields(msgspec.Struct, frozen=True):
    """Where and when an issue was changed."""

    project: Offer
    updated: str


class Changed(msgspec.Struct, frozen=True):
    """An issue that was changed lately."""

    fields: ChangedFields


class ChangedLately(msgspec.Struct, frozen=True):
    """The issues that were changed last."""

    issues: list[Changed]


class Counted(msgspec.Struct, frozen=True):
    """A search that asks for no issue, only for their number."""

    total: int | None = None


async def offered(api: Api) -> tuple[Container, ...]:
    """Every project that is shown and not archived, those first in which something happened lately.

    Raises:
        AuthError: we are nobody, to whom Jira shows an empty list as if it were one.
        RejectedError, UnavailableError: they cannot be listed.
    """
    offers = [offer for offer in await (_paged(api) if api.site.cloud else _listed(api)) if not offer.archived][:MOST]
    latest = {offer.key: _moment(offer.insight.last_issue_update_time) for offer in offers if offer.insight is not None}
    if not api.site.cloud:
        latest = await _latest(api)
    # Stable: what nothing is known of stays in Jira's own order, at the end.
    offers.sort(key=lambda offer: latest.get(offer.key) or datetime.min.replace(tzinfo=UTC), reverse=True)

    async def counted(offer: Offer) -> int | None:
        return await _open(api, offer.key)

    counts = {offer.key: count for offer, count in (await each(counted, offers[:COUNTED])).items()}
    return tuple(
        Container(
            offer.key,
            title="" if offer.name == offer.key else offer.name,
            items=counts.get(offer.key),
            latest=latest.get(offer.key),
        )
        for offer in offers
    )


async def _paged(api: Api) -> list[Offer]:
    found: list[Offer] = []
    while len(found) < MOST:
        params: dict[str, str | int] = {
            "startAt": len(found),
            "maxResults": PAGE,
            "orderBy": "-lastIssueUpdatedDate",
            "expand": "insight",
        }
        answer = known(await api.wire.read("GET", f"{api.root}/project/search", params=params))
        if answer.status == 404:
            # Its way to say that there is none.
            break
        if answer.status != 200:
            raise refused(answer, f"{api.site.tracker}: Jira does not list its projects")
        page = shaped(answer, Offers)
        found += page.values
        if page.is_last is not False or not page.values:
            break
    return found


async def _listed(api: Api) -> list[Offer]:
    answer = known(await api.wire.read("GET", f"{api.root}/project"))
    if answer.status != 200:
        raise refused(answer, f"{api.site.tracker}: Jira does not list its projects")
    return shaped(answer, list[Offer])


async def _latest(api: Api) -> dict[str, datetime | None]:
    """By project, when its latest issue was changed, of those that the last changes of all fell into."""
    found: dict[str, datetime | None] = {}
    params: dict[str, str | int] = {
        "jql": "ORDER BY updated DESC",
        "fields": "project,updated",
        "maxResults": LATELY,
    }
    # It is about the order of a list, and without it there still is one.
    with suppress(AuthError, NotFoundError, RejectedError, UnavailableError):
        answer = await api.wire.read("GET", f"{api.root}/search", params=params)
        if answer.status == 200:
            for issue in shaped(answer, ChangedLately).issues:
                found.setdefault(issue.fields.project.key, _moment(issue.fields.updated))
    return found


async def _open(api: Api, project: str) -> int | None:
    """How many issues of a project are not done; None where that is not told, since nothing hangs on it."""
    jql = f'project = "{project}" AND statusCategory != Done'
    try:
        if api.site.cloud:
            return await api.about(jql)
        answer = await api.wire.read("GET", f"{api.root}/search", params={"jql": jql, "maxResults": 0})
        return shaped(answer, Counted).total if answer.status == 200 else None
    except (AuthError, UnavailableError):
        return None


def _moment(text: str | None) -> datetime | None:
    """A moment as Jira writes it; None for what is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
