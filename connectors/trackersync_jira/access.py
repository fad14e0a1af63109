"""Who we are and what we may do, asked through the ``jira`` library, which knows these resources and is asked rarely.

The library sleeps and repeats requests by itself (a POST too), waits for ever by default, and is not made to be shared
between threads; so it gets no retries, a time-out, and one client per call. Its errors carry headers and bodies, so
that nothing but their status goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from jira import JIRA
from jira.exceptions import JIRAError

from trackersync.connector import AuthError, NotFoundError, Probe, UnavailableError
from trackersync_jira.settings import JiraSettings, token
from trackersync_jira.shapes import Permissions, User

CONNECT = 5.0
"""Seconds to wait for a connection."""

BROWSE = "BROWSE_PROJECTS"
NEEDED = {"stage": "TRANSITION_ISSUES", "owners": "ASSIGN_ISSUES"}
"""By field, the permission that writing it takes. Source: Atlassian, "Permissions", built-in permissions."""

_SPOKEN = {BROWSE: "Browse projects", "TRANSITION_ISSUES": "Transition issues", "ASSIGN_ISSUES": "Assign issues"}

T = TypeVar("T")


def examine(tracker: str, settings: JiraSettings, sent: list[str]) -> Probe:
    """Ask who we are, and what we may do in each project. Blocks; belongs into a thread.

    Args:
        tracker: its name in the configuration.
        settings: address, projects and credential.
        sent: gets what was asked, request by request, so that it can be counted even after an error.

    Raises:
        AuthError: Jira does not know us (an anonymous 200 is not success).
        UnavailableError: it gave no usable answer.
    """
    with closing(_client(settings)) as client:
        me = _answer(tracker, settings, User, client.myself, sent)
        account = me.email_address or me.name or me.display_name or me.account_id
        if account is None or not (me.account_id or me.name):
            raise _unknown(tracker, settings, 200)
        missing = {
            project: _missing(tracker, settings, project, client.my_permissions, sent) for project in settings.projects
        }
    hidden = {project for project, lacks in missing.items() if BROWSE in lacks}
    return Probe(
        account=account,
        containers=tuple(project for project in settings.projects if project not in hidden),
        missing=tuple(_sentence(project, lack) for project, lacks in missing.items() for lack in lacks),
    )


def _client(settings: JiraSettings) -> JIRA:
    secret = token(settings)
    client = JIRA(
        server=settings.url,
        options={"rest_api_version": "3" if settings.cloud else "2"},
        basic_auth=(settings.email, secret) if settings.email is not None else None,
        token_auth=None if settings.email is not None else secret,
        get_server_info=False,
        logging=False,
        max_retries=0,
        timeout=(CONNECT, settings.timeout),
    )
    if _loopback(settings.url):
        # The environment's proxy is for the outside; the library has no public setting for this.
        client._session.trust_env = False  # noqa: SLF001
    return client


def _missing(
    tracker: str, settings: JiraSettings, project: str, ask: Callable[..., Any], sent: list[str]
) -> tuple[str, ...]:
    """The permissions we need in a project and do not have. Without the first, the others do not matter."""
    needed = (BROWSE, *(NEEDED[field] for field in settings.writes))
    try:
        granted = _answer(
            tracker, settings, Permissions, lambda: ask(projectKey=project, permissions=",".join(needed)), sent
        ).permissions
    except NotFoundError:
        return (BROWSE,)
    lacks = tuple(name for name in needed if name not in granted or not granted[name].have_permission)
    return (BROWSE,) if BROWSE in lacks else lacks


def _answer(tracker: str, settings: JiraSettings, shape: type[T], ask: Callable[[], object], sent: list[str]) -> T:
    """One request of the library, its errors in our words. The one place that knows them."""
    host = urlsplit(settings.url).netloc
    sent.append(shape.__name__)
    try:
        return msgspec.convert(ask(), shape)
    except JIRAError as error:
        if error.status_code in {401, 403}:
            raise _unknown(tracker, settings, error.status_code) from None
        if error.status_code == 404:
            raise NotFoundError(f"{tracker}: {host} answered 404; check that `url` is the address of a Jira.") from None
        raise UnavailableError(f"{tracker}: {host} answered {error.status_code}.") from None
    except OSError as error:
        # Every error of the HTTP library below is one; its kind says enough, its text may quote what was sent.
        raise UnavailableError(f"{tracker}: {host} gave no usable answer ({type(error).__name__}).") from None
    except msgspec.ValidationError as error:
        raise UnavailableError(f"{tracker}: {host} answered with something else than Jira does ({error}).") from None


def _unknown(tracker: str, settings: JiraSettings, status: int) -> AuthError:
    return AuthError(
        f"{tracker}: {urlsplit(settings.url).netloc} does not know us ({status}). Check `token`"
        + (" and `email`" if settings.cloud else "")
        + " of this tracker, and that the token has not expired."
    )


def _sentence(project: str, lack: str) -> str:
    if lack == BROWSE:
        return (
            f"{project} does not exist, or is hidden from this account: check the key under `projects`, "
            f'and give the account the permission "{_SPOKEN[BROWSE]}" there'
        )
    field = next(field for field, permission in NEEDED.items() if permission == lack)
    return (
        f'{project}: the permission "{_SPOKEN[lack]}" is missing: give it to the account, '
        f"or leave {field} out of this tracker's `writes`"
    )


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
