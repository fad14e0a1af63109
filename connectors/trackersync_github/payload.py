"""The bodies of GitHub's webhook deliveries, as far as they say where to look.

One shape for each event that names anything of ours (GitHub, "Webhook events and payloads"). Members we do not use are
not decoded, so bodies of years ago will do as well as those of the newest API version, which have no singular
``assignee``; and what an event must have, an issue or a repository, is required here.
"""

from __future__ import annotations

from typing import Annotated, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from trackersync.connector import Delivery

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 16
"""Of a form; GitHub sends one."""

Id = Annotated[int, msgspec.Meta(ge=1)]


class Repository(msgspec.Struct, frozen=True):
    """A repository, under the name it has now."""

    id: Id
    full_name: str


class Issue(msgspec.Struct, frozen=True):
    """An issue, or a pull request where events take one for the other."""

    number: Id
    repository_url: str = ""
    pull_request: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def is_pull_request(self) -> bool:
        """Whether it is one: only they have a member of that name."""
        return bytes(self.pull_request) != b"null"


class OfRepository(msgspec.Struct, frozen=True):
    """``label``, ``milestone``, ``pull_request``, ``release``: something of a repository has changed."""

    repository: Repository


class Transfer(msgspec.Struct, frozen=True):
    """What ``issues`` says of a transfer: in the old repository where to, in the new one where from."""

    new_issue: Issue | None = None
    new_repository: Repository | None = None
    old_issue: Issue | None = None
    old_repository: Repository | None = None


class OfIssue(msgspec.Struct, frozen=True):
    """``issues``, ``issue_comment``."""

    repository: Repository
    issue: Issue
    changes: Transfer | None = None


class Related(msgspec.Struct, frozen=True):
    """``sub_issues``, ``issue_dependencies``: two issues, of which ``repository`` holds one.

    The other's repository has a member of its own.
    """

    repository: Repository
    parent_issue: Issue | None = None
    parent_issue_repo: Repository | None = None
    sub_issue: Issue | None = None
    sub_issue_repo: Repository | None = None
    blocked_issue: Issue | None = None
    blocked_issue_repo: Repository | None = None
    blocking_issue: Issue | None = None
    blocking_issue_repo: Repository | None = None

    def places(self) -> list[tuple[Issue, Repository | None]]:
        """The issues it names, each with its repository; None where the delivery does not say which."""
        pairs = (
            (self.parent_issue, self.parent_issue_repo),
            (self.sub_issue, self.sub_issue_repo),
            (self.blocked_issue, self.blocked_issue_repo),
            (self.blocking_issue, self.blocking_issue_repo),
        )
        return [(issue, home or self._home(issue)) for issue, home in pairs if issue is not None]

    def _home(self, issue: Issue) -> Repository | None:
        """The delivery's own repository, unless the issue says that it lives in another one."""
        named = urlsplit(issue.repository_url).path.partition("/repos/")[2]
        return self.repository if named.casefold() in {"", self.repository.full_name.casefold()} else None


class Login(msgspec.Struct, frozen=True):
    """An account."""

    login: str


class _Owners(msgspec.Struct, frozen=True):
    user: Login | None = None
    organization: Login | None = None


class _OwnerBefore(msgspec.Struct, frozen=True):
    before: _Owners | None = msgspec.field(name="from", default=None)


class _NameBefore(msgspec.Struct, frozen=True):
    before: str = msgspec.field(name="from", default="")


class _Named(msgspec.Struct, frozen=True):
    name: _NameBefore | None = None


class Renaming(msgspec.Struct, frozen=True):
    """A repository's former name or owner; what else changed is not told here."""

    repository: _Named | None = None
    owner: _OwnerBefore | None = None


class Happening(msgspec.Struct, frozen=True):
    """``repository``: it was created, renamed, transferred, archived or deleted."""

    repository: Repository
    action: str = ""
    changes: Renaming | None = None

    def names(self) -> list[str]:
        """The names it has and had."""
        owner, _, name = self.repository.full_name.partition("/")
        names = [self.repository.full_name]
        if self.changes is None:
            return names
        if self.changes.repository is not None and self.changes.repository.name is not None:
            names.append(f"{owner}/{self.changes.repository.name.before}")
        owners = self.changes.owner.before if self.changes.owner is not None else None
        if owners is not None:
            names += [f"{one.login}/{name}" for one in (owners.user, owners.organization) if one is not None]
        return names


class _FieldValue(msgspec.Struct, frozen=True):
    field_name: str | None = None
    project_number: int | None = None


class _BoardChange(msgspec.Struct, frozen=True):
    field_value: _FieldValue | None = None


class _BoardItem(msgspec.Struct, frozen=True):
    content_type: str | None = None


class OfBoard(msgspec.Struct, frozen=True):
    """``projects_v2_item``: what is on a board is named by a node id only, never by its number.

    Which project and which field it was, only newer deliveries say.
    """

    projects_v2_item: _BoardItem
    organization: Login | None = None
    changes: _BoardChange | None = None

    @property
    def project(self) -> int | None:
        """The project's number, where the delivery says it."""
        return self._value.project_number

    @property
    def field(self) -> str:
        """The field that was edited; empty where the delivery does not say."""
        return self._value.field_name or ""

    @property
    def _value(self) -> _FieldValue:
        value = self.changes.field_value if self.changes is not None else None
        return value or _FieldValue()


class _Installation(msgspec.Struct, frozen=True):
    id: int


class OfInstallation(msgspec.Struct, frozen=True):
    """``installation``, ``installation_repositories``."""

    installation: _Installation
    action: str = ""


class _Deployment(msgspec.Struct, frozen=True):
    environment: str | None = None


class OfDeployment(msgspec.Struct, frozen=True):
    """``deployment_status``."""

    repository: Repository
    deployment: _Deployment | None = None

    @property
    def environment(self) -> str:
        """Where to; empty where the delivery does not say."""
        return (self.deployment.environment if self.deployment is not None else None) or ""


T = TypeVar("T")


def read(delivery: Delivery, shape: type[T]) -> T:
    """Decode a body, in whichever of its two content types the webhook was set up.

    Raises:
        ValueError: it is not what GitHub sends; the sentence quotes nothing of it.
    """
    try:
        return msgspec.json.decode(_json(delivery), type=shape)
    except msgspec.MsgspecError as error:
        # It names the member and the types.
        raise ValueError(str(error)) from None
    except (UnicodeError, RecursionError):
        # Without the chain: the first of these holds the whole body.
        raise ValueError("it is neither JSON nor a form that holds any") from None


def _json(delivery: Delivery) -> bytes | str:
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        return delivery.body
    fields = parse_qs(delivery.body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    return fields["payload"][0] if "payload" in fields else b""
