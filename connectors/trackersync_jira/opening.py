"""What has to be known of a Jira before anything else is asked of it: which flavour it is, and its fields' ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from trackersync.connector import AuthError, NotFoundError, RejectedError, UnavailableError, Wire, decode
from trackersync_jira import relations, remote
from trackersync_jira.api import Api
from trackersync_jira.items import Site
from trackersync_jira.refusals import known as recognised
from trackersync_jira.settings import JiraSettings, addresses, custom
from trackersync_jira.shapes import Field, ServerInfo
from trackersync_jira.site import Ties

_ID = re.compile(r"customfield_\d+")


async def opened(tracker: str, settings: JiraSettings, wire: Wire) -> Api:
    """Jira as the questions we have for it.

    Raises:
        AuthError, UnavailableError: it cannot be asked, or not with the kind of credential that is configured.
        NotFoundError: a configured field does not exist, or is hidden from us.
    """
    cloud = await _is_cloud(tracker, settings, wire)
    api = Api(Site(tracker, addresses(settings)[0], cloud, anonymous=settings.anonymous), wire)
    wanted = custom(settings)
    # Ids need no question.
    known = () if all(map(_ID.fullmatch, wanted)) else await api.known_fields()
    ids = {name: _field(tracker, name, known) for name in wanted}
    return Api(
        Site(
            tracker,
            api.site.web,
            api.site.cloud,
            ids.get(settings.field or "", ""),
            ids.get(settings.co_owners or "", ""),
            ties=await _ties(api, settings, known),
            links=remote.FACT in settings.writes,
            checklist="checklist" in settings.evidence and api.site.cloud,
            anonymous=settings.anonymous,
        ),
        wire,
    )


async def _is_cloud(tracker: str, settings: JiraSettings, wire: Wire) -> bool:
    """Whether it is Jira Cloud: the address or the configuration says so, else Jira itself does.

    Where it does not, the credential tells: an e-mail address is Cloud's custom. On Data Center one may be a user name.
    Source: Atlassian, "Get server info", ``deploymentType``.

    Raises:
        AuthError: it is Cloud, and the credential is of a kind that Cloud does not have.
    """
    if settings.atlassian or settings.deployment is not None:
        return settings.deployment != "data center"
    answer = recognised(await wire.read("GET", "/rest/api/2/serverInfo"))
    try:
        told = decode(answer, ServerInfo).deployment_type.casefold() if answer.status == 200 else ""
    except UnavailableError:
        # Whatever answers so will show by its other answers what it is.
        told = ""
    if told == "cloud" and settings.email is None and not (settings.gateway or settings.anonymous):
        edit = "add `email`" if settings.user is None else "write it as `email` instead of `user`"
        raise AuthError(
            f"{tracker}: {settings.url} is Jira Cloud, which needs the account's e-mail address: {edit}, and an API "
            "token as `token`."
        )
    return told == "cloud" if told else settings.email is not None


async def _ties(api: Api, settings: JiraSettings, known: Sequence[Field]) -> Ties | None:
    """What tells relations, where they are wanted; only Data Center keeps an issue's epic in a field of its own."""
    if "relations" not in settings.evidence:
        return None
    if not known:
        # A server that is not Atlassian's may list no fields: then there is neither.
        with suppress(NotFoundError, RejectedError):
            known = await api.known_fields()
    epic = "" if api.site.cloud else relations.epic_link(known)
    return relations.ties(settings.ties, epic, relations.flag(known))


def _field(tracker: str, name: str, known: Sequence[Field]) -> str:
    """The id of a field that the configuration names.

    Raises:
        NotFoundError: none is called so, or several are.
    """
    if _ID.fullmatch(name):
        return name
    ids = [field.id for field in known if field.name.casefold() == name.casefold() and _ID.fullmatch(field.id)]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise NotFoundError(f'{tracker}: {len(ids)} fields are called "{name}": write one of {", ".join(sorted(ids))}.')
    raise NotFoundError(
        f'{tracker}: Jira shows no custom field "{name}" to this account. Check the name under `field` and '
        "`co_owners`, and that the field is on a screen of the project."
    )
