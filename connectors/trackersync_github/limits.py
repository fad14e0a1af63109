"""What GitHub allows one account or installation in a minute and an hour.

Sources: "Rate limits for the REST API" (concurrent requests, points a minute, content creation, what each request
counts, what to do when limited), "Rate limits and query limits for the GraphQL API" (points a minute, a refusal that
comes as 200), "REST API endpoints for search" (a resource of its own). GitHub may change them without notice, and some
endpoints have lower ones, so a refusal is waited out as well; the CPU time it limits too cannot be known beforehand.

Without a credential it allows 60 requests an hour to an address of the network, whoever asks from there ("Primary rate
limit for unauthenticated users"); what is left of them its answers tell. ``GET /rate_limit`` counts for none of it.

GitHub counts points for a single endpoint; what one endpoint is, it does not say. So all of REST is counted together,
which never allows more than GitHub does.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from trackersync.connector import Allowance, RateLimits
from trackersync_github.settings import GithubSettings

_GRAPHQL, _SEARCH, _FREE = "graphql", "search", "rate_limit"

UNSIGNED = "without a token GitHub allows 60 an hour; set `token` and it is 5,000"
"""What a wait for the hour means where there is no credential, and what to do."""

CLOUD = RateLimits(
    concurrent=100,
    allowances=(
        Allowance("900 points a minute", 900, 60, read=1, write=5, resources=("core", _SEARCH)),
        Allowance("2,000 points a minute of GraphQL", 2_000, 60, read=1, write=5, resources=(_GRAPHQL,)),
        # Of both APIs together, and of what the account does on the pages, which we do not see.
        Allowance("80 creations of content a minute", 80, 60, creates=1),
        Allowance("500 creations of content an hour", 500, 3_600, creates=1),
    ),
    resources=((r"(/api)?/graphql", _GRAPHQL), (r"(/api/v3)?/search/.*", _SEARCH), (r"(/api/v3)?/rate_limit", _FREE)),
    counted=True,
    silent=60.0,
    veiled=frozenset({_GRAPHQL}),
)
"""github.com, and the clouds of enterprises on ghe.com."""

SERVER = RateLimits(resources=CLOUD.resources, counted=True, silent=CLOUD.silent, veiled=CLOUD.veiled)
"""A server of one's own: "Rate limits are disabled by default for GitHub Enterprise Server", and where they are not,
an administrator chose them; so its own headers and refusals are followed, and nothing is assumed."""


def limits(settings: GithubSettings) -> RateLimits:
    """The limits of the host that the configuration names."""
    host = urlsplit(settings.url).hostname or ""
    known = CLOUD if host == "api.github.com" or host.endswith(".ghe.com") else SERVER
    return replace(known, remedy=UNSIGNED) if settings.anonymous else known


def identity(settings: GithubSettings) -> str:
    """Whose requests GitHub counts together, where the token does not say: an App's is another one every hour.

    An App has one installation for each owner, so the two name it, whether or not its number is configured.
    """
    if settings.app is None:
        return ""
    return f"app {settings.app.client_id} at {' '.join(settings.owners).casefold()}"
