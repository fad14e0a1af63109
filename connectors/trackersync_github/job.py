"""What the token that a workflow's job is given cannot do (GitHub, "GITHUB_TOKEN"), told before it is missed; purely.

It is the token of an App's installation, and so are those that people make for a job with an App of their own: both
begin alike. Told apart they are by ``JOB_TOKEN``, where our Action ran us, or by how many requests an hour allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trackersync.connector import Check, Grade
from trackersync_github.settings import GithubSettings

ALLOWED: Final = 1_000
"""Requests an hour and repository (GitHub, "Rate limits for the REST API"); an App's installation has 5,000 or more."""
JOB_TOKEN: Final = "TRACKERSYNC_ACTION_JOB_TOKEN"  # noqa: S105  # the name of a variable
"""The environment variable in which the Action hands on the job's own token, to compare with."""
_PREFIX: Final = "ghs_"
_REMEDY: Final = (
    "use a GitHub App's credential (`app`) or a fine-grained token: docs/github-action.md, What GITHUB_TOKEN cannot do"
)


def of_a_job(token: str, environ: Mapping[str, str], limit: int | None = None) -> bool:
    """Whether a token is the one that this workflow's job was given.

    Args:
        token: itself.
        environ: the process's environment.
        limit: how many requests it has in an hour; None where nobody asked. On GitHub Enterprise Cloud it may be as
            many as an App's, so that the token is taken for one.
    """
    if environ.get("GITHUB_ACTIONS") != "true" or not token.startswith(_PREFIX):
        return False
    given = environ.get(JOB_TOKEN, "")
    return token == given if given else limit in {None, ALLOWED}


def surroundings(settings: GithubSettings, environ: Mapping[str, str], limit: int | None = None) -> tuple[Check, ...]:
    """What a tracker's configuration asks of a job's token that it cannot do; nothing where it is another token.

    Args:
        settings: the tracker's part of the configuration, its token included.
        environ: the process's environment.
        limit: see ``of_a_job``.
    """
    if settings.token is None or not of_a_job(settings.token.get_secret_value(), environ, limit):
        return ()
    own = environ.get("GITHUB_REPOSITORY", "")
    checks = [_usually(settings)]
    if settings.project is not None:
        said = "GITHUB_TOKEN reaches no board (Projects v2), and `project` names one"
        checks.append(Check("token", Grade.WARNING, said, _REMEDY))
    others = [name for name in settings.repositories if not name.startswith("!") and name.casefold() != own.casefold()]
    if others:
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        writes = " and never written" if settings.writes else ""
        said = f"GITHUB_TOKEN is {own or 'one repository'}'s alone: {others[0]}{more} is read only if public{writes}"
        checks.append(Check("token", Grade.WARNING, said, _REMEDY))
    return tuple(checks)


def _usually(settings: GithubSettings) -> Check:
    said = f"GITHUB_TOKEN, the job's own: {ALLOWED:,} requests an hour for the whole repository"
    return Check("token", Grade.NOTE, f"{said}; what it writes starts no workflow" if settings.writes else said)
