"""Who we are and what we may, as an examination tells it.

Permissions are named as Atlassian's "Permissions" page names them; a token's end only Data Center tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trackersync.connector import (
    AuthError,
    Check,
    Grade,
    NotFoundError,
    RejectedError,
    UnavailableError,
    each,
)
from trackersync_jira.api import Api
from trackersync_jira.settings import JiraSettings

if TYPE_CHECKING:
    from trackersync_jira.access import Access, Standing

SOON = timedelta(days=30)
"""A token that ends within so long is a warning."""

BEYOND = {
    "ADMINISTER": "administer Jira",
    "ADMINISTER_PROJECTS": "administer the project",
    "DELETE_ISSUES": "delete issues",
}
"""Permissions that we never need, and what they allow. Source: Atlassian, "Permissions", built-in permissions."""

MAY = {
    "BROWSE_PROJECTS": "browse",
    "TRANSITION_ISSUES": "transition",
    "ASSIGN_ISSUES": "assign",
    "EDIT_ISSUES": "edit",
    "LINK_ISSUES": "link",
}
"""What the permissions allow that we may need."""


async def everybody(api: Api, settings: JiraSettings) -> list[Check]:
    """The checks of reading as nobody: which projects are public."""
    checks = [Check("who we are", Grade.NOTE, "nobody: read without a credential, what is public; nothing is written")]
    for project in settings.projects:
        try:
            await api.project(project)
        except (NotFoundError, RejectedError):
            remedy = "check the key under `projects`, or leave `anonymous` out and set `token`"
            checks.append(Check(project, Grade.ERROR, "does not exist, or is not public", remedy))
        else:
            checks.append(Check(project, Grade.GOOD, "may browse, as everybody may"))
    return checks


async def account(api: Api, settings: JiraSettings, now: datetime) -> list[Check]:
    """The checks of our account.

    Raises:
        AuthError: Jira does not know us.
        UnavailableError: it did not answer.
    """
    access = _access(api, settings)
    try:
        name, _ = await access.who()
        checks = [Check("who we are", Grade.GOOD, _told(name, settings, cloud=api.site.cloud))]
    except NotFoundError as error:
        _, _, remedy = str(error).rstrip(".").partition("; ")
        checks = [Check("who we are", Grade.NOTE, "this server does not say who we are (/myself)", remedy)]
    if not api.site.cloud and settings.account is None:
        checks.append(await _token(access, now))
    return checks


async def projects(api: Api, settings: JiraSettings) -> tuple[list[Check], bool]:
    """The checks of each project; and whether the account administers Jira."""
    access = _access(api, settings)
    checks: list[Check] = []

    async def standing(project: str) -> Standing | None:
        try:
            try:
                return await access.standing(project, tuple(BEYOND))
            except UnavailableError:
                # It may be that it does not know one of those we do not need.
                return await access.standing(project)
        except (AuthError, NotFoundError, RejectedError, UnavailableError):
            return None

    standings = await each(standing, settings.projects)
    administrator = any(one is not None and "ADMINISTER" in one.beyond for one in standings.values())
    if administrator:
        remedy = "use an account that is no administrator of Jira"
        said = "may also administer Jira; trackersync never needs that"
        checks.append(Check("who we are", Grade.WARNING, said, remedy))
    for project, one in standings.items():
        checks += _project(access, project, one)
    return checks, administrator


def _access(api: Api, settings: JiraSettings) -> Access:
    # Late, because the library takes long to import and only this needs it.
    from trackersync_jira.access import Access  # noqa: PLC0415

    return Access(api.site.tracker, settings, api.site.cloud, api.wire)


def _told(account: str, settings: JiraSettings, *, cloud: bool) -> str:
    if cloud:
        return f"{account}; Jira does not tell when its token ends"
    return f"{account}, by its password" if settings.account is not None else f"{account}, by an access token"


async def _token(access: Access, now: datetime) -> Check:
    """When the token ends; of several it is not told which one is used here, so that the first to end counts."""
    tokens = await access.tokens()
    left = [one for one in tokens or () if one.expiring_at is None or one.expiring_at > now]
    ends = sorted(one.expiring_at for one in left if one.expiring_at is not None)
    if not left:
        return Check("token", Grade.NOTE, "this Jira does not tell when it expires")
    if not ends:
        return Check("token", Grade.GOOD, "does not expire")
    end = ends[0]
    days, year = (end - now).days, "" if end.year == now.year else f" {end.year}"
    name = next(one.name for one in left if one.expiring_at == end)
    which = "" if len(left) == 1 else f' ("{name}", the first of {len(left)}, of which any may be the one used here)'
    said = f"expires {end.day} {end:%b}{year}, in {days} {'day' if days == 1 else 'days'}{which}"
    if end - now > SOON:
        return Check("token", Grade.GOOD, said)
    return Check("token", Grade.WARNING, said, "make another one in time, and write it into `token`")


def _project(access: Access, project: str, standing: Standing | None) -> list[Check]:
    if standing is None:
        return [Check(project, Grade.NOTE, "Jira gives no usable answer to what we may do there")]
    if not standing.shown:
        remedy = 'check the key under `projects`, and give the account the permission "Browse projects" there'
        return [Check(project, Grade.ERROR, "does not exist, or is hidden from this account", remedy)]
    if not standing.told:
        said = "may browse; this Jira does not say what else: what is forbidden is told when it is tried"
        return [Check(project, Grade.NOTE, said)]
    checks = [Check(project, Grade.ERROR, *access.lacking(lack)) for lack in standing.lacks]
    may = _listed([MAY[one] for one in ("BROWSE_PROJECTS", *access.needed) if one not in standing.lacks])
    if not checks:
        writes = ", ".join(access.settings.writes) or "nothing"
        checks.append(Check(project, Grade.GOOD, f"may {may}; `writes` allows {writes}"))
    beyond = [words for name, words in BEYOND.items() if name in standing.beyond and name != "ADMINISTER"]
    if beyond:
        said = f"may also {_listed(beyond)}; trackersync never needs that"
        needed = _listed([MAY[one] for one in ("BROWSE_PROJECTS", *access.needed)])
        checks.append(Check(project, Grade.WARNING, said, f"give the account a role with {needed} only"))
    return checks


def _listed(words: Sequence[str]) -> str:
    """Words as people list them: ``browse, transition and assign``."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
