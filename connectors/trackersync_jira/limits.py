"""What Jira Cloud allows one site in a second, and one issue in two and in thirty.

Source: Atlassian, "Rate limiting" (Jira Cloud platform, enforced from 2 March 2026): a burst limit by site, endpoint
and method, and a limit of writes by issue; a refusal says in ``RateLimit-Reason`` which of them it was. Some endpoints
are allowed more than these; that is not used. A third limit, points by the hour, holds for apps alone and not for API
tokens; where it strikes all the same, it says until when, and everybody waits.

Data Center has no limits unless an administrator sets some, and then tells in every answer how many requests are left
("Adjusting your code for rate limiting"). So nothing is assumed there, nor on loopback: headers and refusals are
followed.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from trackersync.connector import Allowance, RateLimits
from trackersync_jira.settings import JiraSettings

_HOSTS = (".atlassian.net", "api.atlassian.com")
_BURST, _ISSUE = "jira-burst-based", "jira-per-issue-on-write"


def _endpoints(methods: str) -> tuple[str, ...]:
    """An endpoint is a path without the ids in it: all issues' transitions are one."""
    ids = "issue|project|version|component"
    return (rf"({methods}) (.*/(?:{ids}))/[^/]+(/[^/]+)?(?:/.*)?", rf"({methods}) (.*)")


_WRITES_TO_AN_ISSUE = (r"(?:POST|PUT|DELETE) .*/issue/([^/]+)(?:/.*)?",)

CLOUD = RateLimits(
    allowances=(
        Allowance(
            "100 requests a second of one kind", 100, 1, read=1, write=1, per=_endpoints("GET|POST"), reason=_BURST
        ),
        Allowance(
            "50 changes a second of one kind", 50, 1, read=1, write=1, per=_endpoints("PUT|DELETE"), reason=_BURST
        ),
        Allowance("20 writes to one issue in 2 seconds", 20, 2, write=1, per=_WRITES_TO_AN_ISSUE, reason=_ISSUE),
        Allowance("100 writes to one issue in 30 seconds", 100, 30, write=1, per=_WRITES_TO_AN_ISSUE, reason=_ISSUE),
    ),
)
"""Sites on atlassian.net, and the gateway that scoped tokens go through."""

SERVER = RateLimits()
"""A Data Center, or anything else: what it tells itself is followed."""


def limits(settings: JiraSettings) -> RateLimits:
    """The limits of the host that the configuration names."""
    return CLOUD if _hosted(settings) else SERVER


def identity(settings: JiraSettings) -> str:
    """Whose requests Jira counts together: on Cloud everybody's on a site, whatever the token."""
    return f"site {settings.url.casefold()}" if _hosted(settings) else ""


def _hosted(settings: JiraSettings) -> bool:
    return (urlsplit(settings.url).hostname or "").casefold().endswith(_HOSTS)
