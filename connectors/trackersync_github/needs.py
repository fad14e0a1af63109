"""What the configuration needs of a credential, by GitHub's names for permissions and scopes; purely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trackersync_github.discovery import Identity
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import Repository

Level = Literal["read", "write"]

_LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be read, and perhaps written.

    Attributes:
        what: it is, for people.
        path: a request that reads it, and changes nothing.
        permission: an App's or fine-grained token's permission for it; empty where its name is not known for sure.
        level: how much of it.
        pages: whether it is a list, of which one row will do.
    """

    what: str
    path: str
    permission: str = ""
    level: Level = "read"
    pages: bool = True


def needs_of(settings: GithubSettings, repository: str) -> Iterator[Need]:
    """What is needed in a repository, and of its owner.

    Names of permissions: REST API, "Permissions required for fine-grained personal access tokens".
    """
    owner = repository.partition("/")[0]
    here = f"/repos/{repository}"
    yield Need(f"the issues of {repository}", f"{here}/issues", "issues", "write" if settings.writes else "read")
    if any((where, word) == ("stages", "type") for where, word, _ in settings.named) and not settings.anonymous:
        yield Need(f"the issue types of {repository}", f"{here}/issue-types", pages=False)
    if settings.field is not None:
        yield Need(f"the issue fields of {owner}", f"/orgs/{owner}/issue-fields", pages=False)
    read = set(settings.evidence)
    if read & {"pulls", "releases", "deployments"}:
        yield Need(f"the pull requests of {repository}", f"{here}/pulls", "pull_requests")
    if read & {"releases", "deployments"} or settings.codeowners:
        # Releases, commits and files stand under one permission, and unlike a file this is there in every repository.
        yield Need(f"the commits and releases of {repository}", f"{here}/releases", "contents")
    if "deployments" in read:
        yield Need(f"the deployments of {repository}", f"{here}/deployments", "deployments")


def project_need(settings: GithubSettings) -> Need | None:
    """What the board needs; None where there is none."""
    project = settings.project
    if project is None:
        return None
    kind = "orgs" if project.kind == "organization" else "users"
    level: Level = "write" if "stage" in settings.writes else "read"
    permission = "organization_projects" if project.kind == "organization" else ""
    return Need(
        f"the project {project.number} of {project.owner}",
        f"/{kind}/{project.owner}/projectsV2/{project.number}",
        permission,
        level,
        pages=False,
    )


def lacking(need: Need, permissions: Mapping[str, str]) -> str:
    """A sentence, where an App's installation was not given what is needed; else empty."""
    if not need.permission:
        return ""
    has = permissions.get(need.permission, "none")
    if has not in _LEVELS or _LEVELS.index(has) >= _LEVELS.index(need.level):
        return ""
    return (
        f"the App lacks the permission {need.permission}: {need.level} for {need.what} (it has {has}). Change it in "
        "the App's settings, and let the owner accept the change."
    )


def scopes_lacking(settings: GithubSettings, identity: Identity, rows: Sequence[Repository]) -> Iterator[str]:
    """A sentence for each scope that a classic token lacks (GitHub, "Scopes for OAuth apps")."""
    scopes = identity.scopes
    if scopes is None:
        return
    # Of a public repository everybody may read; a private one shows itself to `repo` only.
    enough = {"repo"} if any(row.private for row in rows) else {"repo", "public_repo"}
    if settings.writes and not scopes & enough:
        yield _scope("repo" if "public_repo" not in enough else "public_repo", "to write issues")
    if scope := project_scope_lacking(settings, identity):
        yield _scope(scope, "for the project")


def project_scope_lacking(settings: GithubSettings, identity: Identity) -> str:
    """The scope that a classic token lacks for the board; empty where it lacks none, or is no classic token."""
    if settings.project is None or identity.scopes is None or "project" in identity.scopes:
        return ""
    if "stage" in settings.writes:
        return "project"
    return "" if "read:project" in identity.scopes else "read:project"


def _scope(name: str, use: str) -> str:
    return f"the token lacks the scope {name} {use}; add it to the token in GitHub's settings, or make another one."
