"""Tokens with scopes, which Cloud takes at its gateway alone: what to write where one was refused.

Neither the token nor the refusal tells that it has scopes, so it is said beside every refusal of a token by Cloud.
Sources: Atlassian, "Manage API tokens for your Atlassian account" and "Retrieve my Atlassian site's cloud ID".
"""

from __future__ import annotations

import re

from trackersync.connector import AuthError, NotFoundError, RejectedError, UnavailableError, Wire, decode
from trackersync_jira.api import Api
from trackersync_jira.refusals import UnknownError
from trackersync_jira.settings import GATEWAY, JiraSettings, addresses
from trackersync_jira.shapes import Tenant

SCOPES = ("read:jira-user", "read:jira-work", "write:jira-work")
"""What a token with scopes must have. Source: Atlassian, "Jira scopes for OAuth 2.0 (3LO) and Forge apps"."""

_CLOUD_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


async def authenticate(api: Api, settings: JiraSettings) -> None:
    """Ask who we are; see ``Api.authenticate``.

    Raises:
        AuthError: nobody, with what to write.
    """
    try:
        await api.authenticate()
    except UnknownError as error:
        raise AuthError(f"{error} {await remedy(settings, api.wire, cloud=api.site.cloud)}".rstrip()) from None


async def unknown(api: Api, settings: JiraSettings) -> NotFoundError | RejectedError | None:
    """Ask who we are of a server that may not say it; the refusal where it does not. See ``authenticate``.

    Where nothing is found, or not everything, it is asked again by who looks, and counts as trouble then.
    """
    try:
        await authenticate(api, settings)
    except (NotFoundError, RejectedError) as error:
        return error
    return None


async def remedy(settings: JiraSettings, wire: Wire, *, cloud: bool) -> str:
    """What to write if the refused token is one with scopes, the address with the cloudId that the site tells."""
    if not cloud:
        return ""
    if settings.gateway:
        return f"A token with scopes needs these: {', '.join(SCOPES)}."
    site = addresses(settings)[0]
    found = await _cloud_id(wire)
    return (
        f"A token with scopes is taken elsewhere: write url: https://{GATEWAY}/ex/jira/{found or 'CLOUDID'} and "
        f"aliases: [{site}]" + ("." if found else f", with the cloudId that {site}/_edge/tenant_info shows.")
    )


async def _cloud_id(wire: Wire) -> str:
    """What the site is called at the gateway, which it tells everybody; empty where it does not."""
    try:
        answer = await wire.read("GET", "/_edge/tenant_info")
        found = decode(answer, Tenant).cloud_id if answer.status == 200 else ""
    except (AuthError, UnavailableError, RejectedError):
        return ""
    # It goes into a sentence that tells what to write.
    return found if _CLOUD_ID.fullmatch(found) else ""
