"""Who we are and what we may do, asked through the ``jira`` library (see ``library``), which knows these resources.

When a token expires only Data Center tells ("Personal Access Tokens", REST resource ``/rest/pat/latest/tokens``). Cloud
tells its API tokens' expiry to nobody but their owner, on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from trackersync.connector import AuthError, NotFoundError, Probe, RejectedError, UnavailableError, Wire, decode
from trackersync_jira import scoped
from trackersync_jira.library import Library
from trackersync_jira.refusals import UnknownError, misnamed
from trackersync_jira.settings import JiraSettings
from trackersync_jira.shapes import AccessToken, Permissions, Project, User

if TYPE_CHECKING:
    from jira import JIRA

SOON = timedelta(days=14)
"""A token that expires within so long is told of."""

BROWSE = "BROWSE_PROJECTS"
EDIT = "EDIT_ISSUES"
NEEDED = {"stage": "TRANSITION_ISSUES", "owners": "ASSIGN_ISSUES", "links": "LINK_ISSUES"}
"""By field, the permission that writing it takes. Source: Atlassian, "Permissions", built-in permissions."""

EDITED = ("labels", "components", "field")
"""Places of a stage that are written by an edit, and not by a transition."""

_SPOKEN = {
    BROWSE: "Browse projects",
    EDIT: "Edit issues",
    "TRANSITION_ISSUES": "Transition issues",
    "ASSIGN_ISSUES": "Assign issues",
    "LINK_ISSUES": "Link issues",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """The questions who we are and what we may do.

    Attributes:
        tracker: its name in the configuration.
        settings: address, projects and credential.
        cloud: whether it is Jira Cloud.
        wire: lets each request in.
    """

    tracker: str
    settings: JiraSettings
    cloud: bool
    wire: Wire

    async def probe(self, now: datetime) -> Probe:
        """Ask who we are, and what we may do in each project.

        Args:
            now: the time, for tokens that expire.

        Raises:
            AuthError: Jira does not know us (an anonymous 200 is not success), with the reason where it says one; or
                it is of the other flavour than it was taken for.
            UnavailableError: it gave no usable answer.
        """
        try:
            me = await self._answer(User, lambda client: client.myself())
        except UnknownError as error:
            raise AuthError(
                f"{error} {await scoped.remedy(self.settings, self.wire, cloud=self.cloud)}".rstrip()
            ) from None
        account = me.email_address or me.name or me.display_name or me.account_id
        if account is None or not (me.account_id or me.name):
            raise self._library.unknown(200)
        named = me.account_id if self.cloud else me.name
        if not named:
            raise misnamed(self.tracker, cloud=self.cloud)
        seen = {project: await self._project(project) for project in self.settings.projects}
        missing = chain.from_iterable(sentences for _, sentences in seen.values())
        return Probe(
            account=account,
            containers=tuple(project for project, (shown, _) in seen.items() if shown),
            missing=(*missing, *await self._expiring(account, now)),
            id=named,
        )

    @property
    def needed(self) -> Mapping[str, str]:
        """By permission that we need besides looking, the field that needs it."""
        writes = self.settings.writes
        found = {NEEDED[field]: field for field in writes}
        places = {word for entry in self.settings.stages.values() for word in _words(entry)}
        if "stage" in writes and not places.isdisjoint(EDITED):
            found[EDIT] = "stage"
        if "owners" in writes and self.settings.co_owners is not None:
            found.setdefault(EDIT, "owners")
        return found

    async def _project(self, project: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a project is shown to us, and a sentence for each thing that we may not do there."""
        needed = (BROWSE, *self.needed)

        def ask(client: JIRA) -> object:
            return client.my_permissions(projectKey=project, permissions=",".join(needed))

        try:
            granted = (await self._answer(Permissions, ask)).permissions
        except (NotFoundError, UnknownError) as error:
            # Known a moment ago: it is this that we may not ask.
            if isinstance(error, UnknownError) and not error.forbidden:
                raise
            return await self._untold(project)
        lacks = [name for name in needed if name not in granted or not granted[name].have_permission]
        if BROWSE in lacks:
            # Without it, the others do not matter.
            return False, (_hidden(project),)
        return True, tuple(self._sentence(project, lack) for lack in lacks)

    async def _untold(self, project: str) -> tuple[bool, tuple[str, ...]]:
        """The same where it is not told: of a project that is not there, and by servers that stand in for Jira."""
        try:
            await self._answer(Project, lambda client: client.project(project).raw)
        except NotFoundError:
            return False, (_hidden(project),)
        if not self.needed:
            return True, ()
        untold = (
            f"{project}: this Jira does not say what the account may do there (/mypermissions): what is "
            "forbidden is seen when it is tried, and told then"
        )
        return True, (untold,)

    def _sentence(self, project: str, lack: str) -> str:
        return (
            f'{project}: the permission "{_SPOKEN[lack]}" is missing: give it to the account, '
            f"or leave {self.needed[lack]} out of this tracker's `writes`"
        )

    async def _expiring(self, account: str, now: datetime) -> tuple[str, ...]:
        """The account's tokens that will be refused soon. Which of them is the one used here, Jira does not say."""
        if self.cloud or self.settings.account is not None:
            return ()
        try:
            # The library does not know this resource.
            answer = await self.wire.read("GET", "/rest/pat/latest/tokens")
            tokens = decode(answer, list[AccessToken]) if answer.status == 200 else []
        except (AuthError, UnavailableError, RejectedError):
            # It is a help that can be done without: older servers and other ones have no such tokens, and what lies
            # before a server may keep us out of it. A token that is refused everywhere is told by the next request.
            return ()
        unsure = "" if len(tokens) == 1 else ", if it is the one used here"
        return tuple(
            f'the access token "{one.name}" of {account} expires on {one.expiring_at:%Y-%m-%d}: make another one in '
            f"time, and write it into `token`{unsure}"
            for one in tokens
            if one.expiring_at is not None and now <= one.expiring_at <= now + SOON
        )

    async def _answer(self, shape: type[T], ask: Callable[[JIRA], object]) -> T:
        return await self._library.answer(shape, ask)

    @property
    def _library(self) -> Library:
        return Library(self.tracker, self.settings, self.wire, cloud=self.cloud)


def _hidden(project: str) -> str:
    return (
        f"{project} does not exist, or is hidden from this account: check the key under `projects`, "
        f'and give the account the permission "{_SPOKEN[BROWSE]}" there'
    )


def _words(entry: object) -> set[str]:
    """The words that an entry of `stages` uses, those it writes along included."""
    entries = entry if isinstance(entry, list) else [entry]
    found: set[str] = set()
    for one in entries:
        if isinstance(one, Mapping):
            found |= {str(word) for word in one}
            also = one.get("set")
            found |= {str(word) for word in also} if isinstance(also, Mapping) else set()
    return found
