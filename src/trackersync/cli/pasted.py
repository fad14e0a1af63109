"""What people paste where an address is asked for: a page of theirs, from which the tracker and its parts are taken.

Sources of the forms: GitHub's and Atlassian's own pages; ``/browse/KEY-1``, ``/projects/KEY``, ``/jira/software/…``,
``/secure/RapidBoard.jspa?projectKey=KEY`` at Jira, ``OWNER/NAME`` and what `git remote -v` prints at GitHub.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_API = "https://api.github.com"
_CLOUD = ".atlassian.net"
_REMOTE = re.compile(r"(?:ssh://)?git@(?P<host>[^:/\s]+)(?::\d+/|[:/])(?P<path>[^\s]+)")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^/\s]+/[^/\s]+")
"""A page's address without its scheme."""
_SITE = re.compile(r"/(?:browse|projects|secure|rest|issues|plugins|servicedesk|login\.jsp)(?:/|$)")
_SHOWN = (
    re.compile(r"/browse/([A-Za-z][A-Za-z0-9_]*?)(?:-\d+)?(?:/|$)"),
    re.compile(r"/projects/([A-Za-z][A-Za-z0-9_]*)(?:/|$)"),
    re.compile(r"/rest/api/[^/]+/issue/([A-Za-z][A-Za-z0-9_]*)-\d+(?:/|$)"),
)


@dataclass(frozen=True, slots=True)
class Repository:
    """What somebody pasted for a repository.

    Attributes:
        name: ``OWNER/NAME``, or what was pasted where it is nothing that is known; the configuration refuses it then.
        url: the API that the page belongs to; None where only a name was given.
    """

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What somebody pasted for a Jira.

    Attributes:
        url: the address of the site.
        project: the project that the page shows; empty for none.
    """

    url: str
    project: str = ""


def repository(text: str) -> Repository:
    """A repository from its name, a page's address or what git calls a remote."""
    text = text.strip()
    remote = _REMOTE.fullmatch(text)
    if remote is not None:
        return Repository(_named(remote["path"]), _api("https", remote["host"]))
    if _BARE.match(text):
        text = f"https://{text}"
    if not _WEB.match(text):
        return Repository(text)
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets without an IPv6 address
        return Repository(text)
    path = re.sub(r"^/(?:api/v3/)?repos/", "/", parts.path)
    return Repository(_named(path.lstrip("/")), _api(parts.scheme.lower(), parts.netloc))


def jira(text: str) -> Site:
    """A Jira from the address of any of its pages; one without a scheme is taken for https."""
    text = text.strip()
    if text and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").casefold()
    except ValueError:
        return Site(text)
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return Site(text)
    named = next((found[1] for form in _SHOWN if (found := form.search(parts.path))), "")
    named = named or parse_qs(parts.query).get("projectKey", [""])[0]
    path = "" if host.endswith(_CLOUD) else _SITE.split(parts.path)[0].rstrip("/")
    return Site(f"{parts.scheme.lower()}://{parts.netloc}{path}", named.upper())


def _named(path: str) -> str:
    """``OWNER/NAME`` of the path of any page of a repository."""
    return "/".join(path.removesuffix("/").split("/")[:2]).removesuffix(".git")


def _api(scheme: str, host: str) -> str:
    """The API of a host of pages: a host of its own at github.com and its like, a path everywhere else."""
    bare = host.casefold().removeprefix("www.").removeprefix("api.")
    if bare == "github.com":
        return _API
    if bare.endswith(".ghe.com"):
        return f"{scheme}://api.{bare}"
    return f"{scheme}://{host}/api/v3"
