"""What a credential may do beyond what the configuration needs; purely. Who steals a token has all that it may.

Rights to read are left out: they change nothing. Of a fine-grained token GitHub does not tell what it may; and an
account's role in a repository counts only where the token does not narrow it, which is with classic ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from trackersync_github.discovery import Identity
from trackersync_github.installation import Installation
from trackersync_github.needs import needs_of, project_need
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import Repository

_HOOKS: Final = frozenset({"admin:repo_hook", "write:repo_hook", "admin:org_hook"})
_ROLES: Final = {"admin": "administer", "maintain": "maintain"}


def scopes_beyond(settings: GithubSettings, identity: Identity) -> tuple[str, ...]:
    """The scopes of a classic token that nothing here needs (GitHub, "Scopes for OAuth apps")."""
    allowed = {"repo", "public_repo", "user:email"}
    allowed |= {"project"} if settings.project is not None else set()
    # Whoever has webhooks sign for us also has to set them up.
    allowed |= _HOOKS if settings.webhook_secrets else frozenset()
    scopes = identity.scopes or frozenset()
    return tuple(sorted(scope for scope in scopes - allowed if not scope.startswith("read:")))


def scopes_enough(settings: GithubSettings, rows: Sequence[Repository]) -> str:
    """The scopes of a classic token that does what is configured, in a sentence."""
    scopes = ["repo" if any(row.private for row in rows) else "public_repo"]
    if settings.project is not None:
        scopes.append("project" if "stage" in settings.writes else "read:project")
    return f"the scope{'s' if len(scopes) > 1 else ''} {' and '.join(scopes)}"


def role_beyond(row: Repository) -> str:
    """What an account may do with a repository that nothing here needs, as a verb; empty for nothing."""
    rights = row.permissions or {}
    return next((verb for role, verb in _ROLES.items() if rights.get(role)), "")


def permissions_beyond(settings: GithubSettings, installation: Installation, repository: str) -> Mapping[str, str]:
    """The permissions of an App's installation by which it may change what nothing here needs, with their level."""
    project = project_need(settings)
    needs = [*needs_of(settings, repository), *(() if project is None else (project,))]
    needed = {need.permission: need.level for need in needs}
    if settings.webhook_secrets:
        needed |= {"repository_hooks": "write", "organization_hooks": "write"}
    return {
        name: level
        for name, level in sorted(installation.permissions.items())
        if level != "read" and not (level == "write" and needed.get(name) == "write")
    }
