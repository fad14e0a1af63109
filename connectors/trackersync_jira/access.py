"""Who we are and what we may do, asked through the ``jira`` library (see ``library``), which knows these resources.

When a token expires only Data Center tells ("Personal Access Tokens", REST resource ``/rest/pat/latest/tokens``). Cloud
tells its API tokens' expiry to nobody but their owner, on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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

SPOKEN = {
    BROWSE: "Browse projects",
    EDIT: "Edit issues",
    "TRANSITION_ISSUES": "Transition issues",
    "ASSIGN_ISSUES": "Assign issues",
    "LINK_ISSUES": "Link issues",
}
"""What people call a permission."""

UNTOLD = (
    "this Jira does not say what the account may do there (/mypermissions): what is forbidden is seen when it is "
    "tried, and told then"
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """What we may do in a project.

    Attributes:
        shown: whether it is shown to us at all.
        lacks: permissions that we need and do not have.
        beyond: those that we have and do not need, of those asked for.
        told: whether Jira says what we may do.
    """

    shown: bool
    lacks: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    told: bool = True


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
            NotFoundError: it does not say who we are, and shows none of the projects.
            UnavailableError: it gave no usable answer.
        """
        unknown: NotFoundError | None = None
        try:
            account, named = await self.who()
        except NotFoundError as error:
            account, named, unknown = "", "", error
        seen = {project: await self.standing(project) for project in self.settings.projects}
        if unknown is not None and not any(standing.shown for standing in seen.values()):
            # Where nothing else is shown either, the address is likelier to be wrong than every project.
            raise unknown
        silence = str(unknown or "").removeprefix(f"{self.tracker}: ")
        missing = chain.from_iterable(self._sentences(project, standing) for project, standing in seen.items())
        return Probe(
            account=account,
            containers=tuple(project for project, standing in seen.items() if standing.shown),
            missing=(
                *((f"Jira does not say who we are: {silence}",) if unknown else ()),
                *missing,
                *(await self._expiring(account, now) if account else ()),
            ),
            id=named,
        )

    async def who(self) -> tuple[str, str]:
        """Our account as people know it, and as Jira names it.

        Raises:
            NotFoundError: Jira does not say.
            AuthError, UnavailableError: as ``probe`` says.
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
        return account, named

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

    async def standing(self, project: str, beyond: Collection[str] = ()) -> Standing:
        """What we may do in a project.

        Args:
            project: its key.
            beyond: permissions to ask for that we do not need.
        """
        needed = (BROWSE, *self.needed)
        asked = ",".join((*needed, *beyond))

        def ask(client: JIRA) -> object:
            return client.my_permissions(projectKey=project, permissions=asked)

        try:
            granted = (await self._answer(Permissions, ask)).permissions
        except (NotFoundError, UnknownError) as error:
            # Known a moment ago: it is this that we may not ask.
            if isinstance(error, UnknownError) and not error.forbidden:
                raise
            return Standing(await self._there(project), told=False)
        held = {name for name, permission in granted.items() if permission.have_permission}
        if BROWSE not in held:
            # Without it, the others do not matter.
            return Standing(shown=False)
        return Standing(
            shown=True,
            lacks=tuple(name for name in needed if name not in held),
            beyond=tuple(name for name in beyond if name in held),
        )

    async def _there(self, project: str) -> bool:
        """Whether a project is shown, where permissions are not told: because it is not there, or by a stand-in."""
        try:
            await self._answer(Project, lambda client: client.project(project).raw)
        except NotFoundError:
            return False
        return True

    def _sentences(self, project: str, standing: Standing) -> tuple[str, ...]:
        """A sentence for each thing that we may not do in a project, or that is not told."""
        if not standing.shown:
            return (hidden(project),)
        if standing.told or not self.needed:
            return tuple(
                f"{project}: {said}: {remedy}" for said, remedy in (self.lacking(lack) for lack in standing.lacks)
            )
        return (f"{project}: {UNTOLD}",)

    def lacking(self, lack: str) -> tuple[str, str]:
        """What is said of a permission that is missing, and what to do about it."""
        return (
            f'the permission "{SPOKEN[lack]}" is missing',
            f"give it to the account, or leave {self.needed[lack]} out of this tracker's `writes`",
        )

    async def _expiring(self, account: str, now: datetime) -> tuple[str, ...]:
        """Sentences on the account's tokens that will be refused soon."""
        tokens = await self.tokens() or ()
        return tuple(
            f'the access token "{one.name}" of {account} expires on {one.expiring_at:%Y-%m-%d}: {renewal(tokens)}'
            for one in tokens
            if one.expiring_at is not None and now <= one.expiring_at <= now + SOON
        )

    async def tokens(self) -> tuple[AccessToken, ...] | None:
        """The account's tokens, of which Jira does not say which is the one used here; None where it tells of none."""
        if self.cloud or self.settings.account is not None:
            return None
        try:
            # The library does not know this resource.
            answer = await self.wire.read("GET", "/rest/pat/latest/tokens")
            return tuple(decode(answer, list[AccessToken])) if answer.status == 200 else None
        except (AuthError, UnavailableError, RejectedError):
            # It is a help that can be done without: older servers and other ones have no such tokens, and what lies
            # before a server may keep us out of it. A token that is refused everywhere is told by the next request.
            return None

    async def _answer(self, shape: type[T], ask: Callable[[JIRA], object]) -> T:
        return await self._library.answer(shape, ask)

    @property
    def _library(self) -> Library:
        return Library(self.tracker, self.settings, self.wire, cloud=self.cloud)


def hidden(project: str) -> str:
    """What is said of a project that is not shown to us, with what to do about it."""
    return (
        f"{project} does not exist, or is hidden from this account: check the key under `projects`, "
        f'and give the account the permission "{SPOKEN[BROWSE]}" there'
    )


def renewal(tokens: Sequence[AccessToken]) -> str:
    """What to do about a token that expires soon, being one of these."""
    unsure = "" if len(tokens) == 1 else ", if it is the one used here"
    return f"make another one in time, and write it into `token`{unsure}"


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
