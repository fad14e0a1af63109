"""GitHub's JSON as items, and its refusals as errors: pure translation, and the only place that knows either.

Only the members we use are decoded, so a member that GitHub adds or leaves out elsewhere cannot break a read. The
singular ``assignee`` is never read: version 2026-03-10 of the API no longer has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from trackersync.connector import (
    Account,
    Answer,
    Item,
    ItemRef,
    NotFoundError,
    RejectedError,
    UnavailableError,
    mentions,
)

_AGENTS = frozenset({"copilot", "copilot-swe-agent"})
"""Logins of GitHub's own agents that issues can be assigned to; they bear no ``[bot]``."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its offset; one without could not be compared, so it is refused like any other malformed JSON."""


class User(msgspec.Struct, frozen=True):
    """An account as issues carry it."""

    login: str
    type: str = "User"


class Label(msgspec.Struct, frozen=True):
    """A label; the API may also give the bare name."""

    name: str | None = None


class Titled(msgspec.Struct, frozen=True):
    """A milestone, and the day by which it is due, as a moment."""

    title: str | None = None
    due_on: str | None = None


class FieldValue(msgspec.Struct, frozen=True):
    """What an issue shows in one of its organisation's fields (REST API, "Issue field values")."""

    issue_field_id: int
    issue_field_name: str | None = None
    value: str | float | list[str] | None = None
    single_select_option: Label | None = None

    @property
    def chosen(self) -> str:
        """The name of the chosen option, of a field in which one is chosen; empty for none."""
        if self.single_select_option is not None and self.single_select_option.name:
            return self.single_select_option.name
        return self.value if isinstance(self.value, str) else ""


class SubIssues(msgspec.Struct, frozen=True):
    """How many sub-issues an issue has, and how many of them are closed."""

    total: int = 0
    completed: int = 0


class Dependencies(msgspec.Struct, frozen=True):
    """How many issues an issue waits for: those that are open, and all."""

    blocked_by: int = 0
    total_blocked_by: int = 0


class Issue(msgspec.Struct, frozen=True):
    """An issue of REST's ``issue`` schema, as far as it concerns us."""

    id: int
    number: int
    html_url: str
    state: str
    created_at: Moment
    updated_at: Moment
    repository_url: str = ""
    title: str | None = None
    body: str | None = None
    state_reason: str | None = None
    labels: list[Label | str] = []
    assignees: list[User | None] | None = None
    type: Label | None = None
    milestone: Titled | None = None
    pull_request: msgspec.Raw = msgspec.Raw(b"null")
    node_id: str = ""
    issue_field_values: list[FieldValue] | None = None
    parent_issue_url: str | None = None
    sub_issues_summary: SubIssues | None = None
    issue_dependencies_summary: Dependencies | None = None

    @property
    def is_pull_request(self) -> bool:
        """Pull requests share the list and the numbers of issues, and carry a member of that name."""
        return bytes(self.pull_request) != b"null"

    @property
    def full_name(self) -> str:
        """The name its repository has now; empty where the API did not say."""
        return urlsplit(self.repository_url).path.partition("/repos/")[2]


class Repository(msgspec.Struct, frozen=True):
    """A repository: its name may change, its id never does."""

    id: int
    full_name: str
    private: bool = False
    archived: bool = False
    has_issues: bool = True
    # Absent for an App's installation, whose rights are its own.
    permissions: dict[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item lives: what its ``ItemRef.id`` says. Written ``REPOSITORY/NUMBER``.

    The repository's database id outlives a rename, and a number is never given twice. A transfer gives an issue a new
    place, to which the old one redirects (REST API, "Get an issue").
    """

    repository: int
    number: int

    def __str__(self) -> str:
        return f"{self.repository}/{self.number}"


def place_of(ref: ItemRef) -> Place:
    """Read an item's id.

    Raises:
        NotFoundError: it is none of ours.
    """
    repository, _, number = ref.id.partition("/")
    if not (repository.isdecimal() and number.isdecimal()):
        raise NotFoundError(f"{ref.tracker}: {ref.id!r} names no GitHub issue; it must be like 681273514/17")
    return Place(int(repository), int(number))


def item_of(issue: Issue, tracker: str, repository: int, container: str) -> Item:
    """An issue as an item. ``container`` is the repository as configured; the key has the name it has now."""
    urls, keys = mentions(issue.body or "")
    full_name = issue.full_name or container
    return Item(
        ref=ItemRef(tracker, str(Place(repository, issue.number))),
        key=f"{full_name}#{issue.number}",
        url=issue.html_url,
        title=" ".join((issue.title or "").split()),
        container=container,
        created=_utc(issue.created_at),
        updated=_utc(issue.updated_at),
        facts={
            "state": (issue.state,),
            "reason": _present(issue.state_reason),
            "labels": label_names(issue.labels),
            "owners": tuple(user.login for user in issue.assignees or () if user is not None),
            "type": _present(issue.type.name if issue.type else None),
            "milestone": _present(issue.milestone.title if issue.milestone else None),
        },
        urls=urls,
        keys=keys,
    )


def label_names(labels: Iterable[Label | str]) -> tuple[str, ...]:
    """The names of labels, whichever of its two forms the API gave them in."""
    names = (label if isinstance(label, str) else label.name for label in labels)
    return tuple(name for name in names if name)


def accounts_of(issues: Iterable[Issue], tracker: str) -> tuple[Account, ...]:
    """The people seen on issues, each once. GitHub tells bots and placeholders; of the rest it says nothing."""
    users = {user.login: user for issue in issues for user in issue.assignees or () if user is not None}
    return tuple(
        Account(
            tracker,
            user.login,
            user.login,
            active=False if user.type == "Mannequin" else None,
            human=False if automatic(user) else None,
        )
        for user in users.values()
    )


def automatic(user: User) -> bool:
    """Whether an account is surely no person: a bot, or one of GitHub's own agents."""
    return user.type == "Bot" or user.login.endswith("[bot]") or user.login.casefold() in _AGENTS


def _present(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def told_time(headers: Mapping[str, object]) -> datetime | None:
    """GitHub's time of an answer (RFC 9110, 6.6.1); None where it does not tell."""
    try:
        moment = parsedate_to_datetime(str(headers.get("date", "")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# Refusals.


class _Fault(msgspec.Struct, frozen=True):
    resource: str = ""
    field: str = ""
    code: str = ""
    message: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    message: str = ""
    errors: list[_Fault | str] = []


ABSENT = frozenset({404, 405, 410, 501})
"""What a server says of a question that it does not know at all; 404 and 410 it says of what is gone as well."""

GONE = ": it is gone, or hidden from this token"
NO_API = ", and not as its API does; the `url` of GitHub Enterprise Server ends in /api/v3"


def refused(answer: Answer, doing: str) -> NotFoundError | RejectedError | UnavailableError:
    """The error that an answer other than the one expected stands for, to be raised by the caller.

    Args:
        answer: what GitHub said; the wire has already dealt with 401, rate limits and 5xx.
        doing: what was tried, and on what: ``adding a label to acme/shop#17``.
    """
    said = f"GitHub answered {answer.status}{_words(answer)} on {doing}"
    match answer.status:
        case 404:
            return NotFoundError(f"{said}{GONE if _words(answer) else NO_API}")
        case 410:
            return NotFoundError(f"{said}: it was deleted, or issues are switched off there")
        case 301 | 302:
            return NotFoundError(f"{said}: it moved to another repository")
        case 403 | 451:
            return RejectedError(f"{said}; {_remedy(answer)}")
        case status if 400 <= status < 500 or status == 501:
            return RejectedError(said)
    return UnavailableError(f"{said}, which is no answer to that request; check the tracker's `url`")


def _remedy(answer: Answer) -> str:
    """What to do about what is forbidden."""
    if link := single_sign_on(answer):
        return f"authorize the token for the single sign-on of its organisation: {link}"
    rights = answer.headers.get("x-accepted-github-permissions", "")
    return f"give the token the permission {rights}" if rights else "check what the token may do there"


def single_sign_on(answer: Answer) -> str:
    """Where a token is authorized that an organisation's single sign-on does not know yet; empty where that is not it.

    Source: GitHub, "Authenticating to the REST API", SAML single sign-on: ``X-GitHub-SSO``.
    """
    return answer.headers.get("x-github-sso", "").partition("url=")[2].strip()


def _words(answer: Answer) -> str:
    """What GitHub says for people, in brackets; nothing where the body is not its error JSON."""
    try:
        refusal = msgspec.json.decode(answer.body, type=_Refusal)
    except msgspec.MsgspecError:
        return ""
    faults = [
        fault if isinstance(fault, str) else fault.message or " ".join(filter(None, (fault.field, fault.code)))
        for fault in refusal.errors
    ]
    words = ": ".join(filter(None, (refusal.message, ", ".join(filter(None, faults)))))
    return f" ({' '.join(words.split())[:300]})" if words else ""
