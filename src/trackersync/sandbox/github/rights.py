"""What a registered token may do, and how GitHub refuses the rest: by permission, by scope, or by being no user."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trackersync.sandbox.github.call import RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """What a token may do.

    Attributes:
        login: whose it is; empty for an App's installation, which is no user.
        scopes: of a classic token; None for every other kind.
        permissions: of a fine-grained token or an installation, by name; None where they do not limit it.
        repositories: the private ones it sees, in lower case; None for all.
        owner: whose private repositories it sees; None for everybody's.
        expires: the end of its life.
        revoked: taken back.
    """

    login: str = ""
    scopes: frozenset[str] | None = None
    permissions: Mapping[str, str] | None = None
    repositories: frozenset[str] | None = None
    owner: str | None = None
    expires: datetime | None = None
    revoked: bool = False


_LEVELS: Final = ("none", "read", "write", "admin")
_RULES: Final = (
    (r"/(repos/[^/]+/[^/]+|repositories/\d+)/(issues|labels|assignees|milestones)\b", "issues"),
    (r"/(repos/[^/]+/[^/]+|repositories/\d+)/pulls\b", "pull_requests"),
    (r"/(repos/[^/]+/[^/]+|repositories/\d+)/(releases|contents|commits|compare)\b", "contents"),
    (r"/(repos/[^/]+/[^/]+|repositories/\d+)/deployments\b", "deployments"),
    (r"/(repos/[^/]+/[^/]+|repositories/\d+)/hooks\b", "repository_hooks"),
    (r"/orgs/[^/]+/hooks\b", "organization_hooks"),
    (r"/orgs/[^/]+/projectsV2\b", "organization_projects"),
    (r"/orgs/[^/]+/issue-fields\b", "issue_fields"),
)


def refusal(known: Credential, method: str, path: str) -> RefusalError | None:
    """The refusal of a request that a token may not make; None where it may."""
    if not known.login and path == "/user":
        return RefusalError(403, "Resource not accessible by integration")
    wanted = next((name for rule, name in _RULES if re.match(rule, path)), "metadata")
    level = "read" if method == "GET" or wanted == "metadata" else "write"
    if known.permissions is not None:
        has = known.permissions.get(wanted, "read" if wanted == "metadata" else "none")
        if _LEVELS.index(has) < _LEVELS.index(level):
            who = "personal access token" if known.login else "integration"
            refused = RefusalError(403, f"Resource not accessible by {who}")
            refused.headers["x-accepted-github-permissions"] = f"{wanted}={level}"
            return refused
    if known.scopes is not None and "/projectsV2" in path:
        enough = {"project"} if level == "write" else {"project", "read:project"}
        if not known.scopes & enough:
            return RefusalError(403, "Your token has not been granted the required scopes")
    return None
