"""Jira's refusals in our words: the one place that turns a status into an error.

Bodies are read for their ``errorMessages`` and ``errors``, which go into the sentence as Jira wrote them; which error
it becomes depends on the status alone. Source of the statuses: Atlassian, "The Jira Cloud platform REST API" v3,
responses of the operations used here.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from trackersync.connector import Answer, AuthError, NotFoundError, RejectedError, StaleError, UnavailableError
from trackersync_jira.shapes import Refusal

LONGEST = 400
"""Characters of Jira's words kept in a sentence."""

OTHER = ", and that it is no Data Center: if it is, write `deployment: data center`."
"""What else may be wrong where Cloud's own version of the API is not there."""

_LOGIN_REFUSED = frozenset({"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"})


class UnknownError(AuthError):
    """The credential is refused, and no reason given.

    Args:
        message: the whole trouble in a sentence.
        forbidden: it was a 403, which may also be said of what a known credential may not ask.
    """

    def __init__(self, message: str, *, forbidden: bool = False) -> None:
        super().__init__(message)
        self.forbidden = forbidden


class UnservedError(RejectedError):
    """The server does not know the question at all: go another way, or do without."""


ABSENT = frozenset({404, 405, 410, 501})
"""What a server says of a question that it does not know; 404 it says of what is gone or hidden as well."""

Refused = AuthError | NotFoundError | RejectedError | StaleError | UnavailableError


def words(answer: Answer) -> str:
    """What Jira says of a refusal, in its own words; ``no reason given`` where it says nothing readable."""
    try:
        refusal = msgspec.json.decode(answer.body, type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "no reason given"
    said = list(refusal.error_messages or ())
    said += [f"{field}: {why}" for field, why in (refusal.errors or {}).items()]
    if not said and refusal.message:
        said.append(refusal.message)
    text = " ".join(" ".join(said).split())
    return text[:LONGEST] + ("…" if len(text) > LONGEST else "") or "no reason given"


def known(answer: Answer) -> Answer:
    """Pass an answer on, unless Jira says beside it that it does not know us.

    Many of Jira's resources answer strangers too, with 200 and less in it. Data Center names whom it answered in
    ``X-AUSERNAME``, and both say in ``X-Seraph-LoginReason`` that a login failed or waits for a CAPTCHA.

    Raises:
        AuthError: the answer was meant for a stranger.
    """
    reasons = {reason.strip() for reason in answer.headers.get("x-seraph-loginreason", "").split(",")}
    if "AUTHENTICATION_DENIED" in reasons or "CAPTCHA" in answer.headers.get("x-authentication-denied-reason", ""):
        raise AuthError(
            f"Jira refuses this account's logins until a person has solved its CAPTCHA ({answer.request}). "
            "Log in once in a browser with this account, then check `token`."
        )
    if reasons & _LOGIN_REFUSED or answer.headers.get("x-ausername") == "anonymous":
        raise stranger(answer)
    return answer


def stranger(answer: Answer) -> AuthError:
    """The error for an answer that was given to nobody in particular."""
    return AuthError(
        f"Jira answers {answer.request} with {answer.status}, but as to a stranger: it does not know the credential. "
        "Check `token` of this tracker, `email` or `user` where one is set, and that the token has not expired."
    )


def misnamed(tracker: str, *, cloud: bool) -> AuthError:
    """The error for an account that is named as in the other flavour: it was told wrongly which of them it is.

    Cloud names accounts by id alone, Data Center by name alone, so this tells for certain.
    """
    read, is_one = ("cloud", "Jira Data Center") if cloud else ("data center", "Jira Cloud")
    write = "data center" if cloud else "cloud"
    return AuthError(
        f"{tracker}: this is {is_one}, as it names accounts, but it is read as `deployment: {read}`: write "
        f"`deployment: {write}` for this tracker."
    )


def hidden(tracker: str, project: str, *, anonymous: bool) -> NotFoundError:
    """The error for a project that is not there, or is not shown to us: Jira does not tell which."""
    if anonymous:
        return NotFoundError(
            f"{tracker}: project {project} does not exist, or is not public. Check the key under `projects`, or leave "
            "`anonymous` out and set `token` of this tracker."
        )
    return NotFoundError(
        f"{tracker}: project {project} does not exist, or is hidden from this account. Check the key under "
        f'`projects`, and that the account has the permission "Browse projects" in {project}.'
    )


def refused(answer: Answer, what: str, remedy: str = "") -> Refused:
    """The error for an answer that is not the one hoped for.

    Args:
        answer: status and body.
        what: what was asked, as the start of a sentence: ``SHOP-42: Jira refuses the transition "Finish"``.
        remedy: what to do next.
    """
    sentence = f"{what}: {words(answer)} ({answer.status})." + (f" {remedy}" if remedy else "")
    return _ERRORS.get(answer.status, UnavailableError)(sentence)


_ERRORS: dict[int, Callable[[str], Refused]] = {
    400: RejectedError,
    401: AuthError,
    403: RejectedError,
    404: NotFoundError,
    405: UnservedError,
    409: StaleError,
    410: RejectedError,
    413: RejectedError,
    422: RejectedError,
    501: UnservedError,
}
