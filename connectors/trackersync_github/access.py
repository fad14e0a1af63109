"""What the credential may do, compared with what the configuration needs: what ``probe`` says.

Nothing is asked here that could change anything. What may be read is seen by reading it; which permission would do is
what GitHub itself names in ``X-Accepted-GitHub-Permissions``. What may be written shows in a classic token's scopes, in
an App's permissions, or in the account's role in the repository. What a fine-grained token may write, GitHub does not
tell: that is seen when a write is refused, and then named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trackersync.connector import Answer, AuthError, NotFoundError, Probe, RejectedError, Wire
from trackersync_github.board_graph import GraphBoard
from trackersync_github.cards import named
from trackersync_github.discovery import Discoverer, Identity
from trackersync_github.graphql import GraphQL
from trackersync_github.installation import Installation, installed
from trackersync_github.names import Names
from trackersync_github.needs import Need, lacking, needs_of, project_need, project_scope_lacking, scopes_lacking
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import Repository, refused

_WRITERS = ("triage", "push", "maintain", "admin")
_ACTIONS = (
    " If this is the GITHUB_TOKEN of GitHub Actions: it reaches its own repository only, and no project; use a GitHub "
    "App or a personal token."
)


@dataclass(frozen=True, slots=True)
class Access:
    """Finds out what is missing.

    Args:
        tracker: its name in the configuration.
        settings: its part of the configuration.
        wire: to GitHub.
        names: the repositories.
        discoverer: knows who the credential is.
    """

    tracker: str
    settings: GithubSettings
    wire: Wire
    names: Names
    discoverer: Discoverer

    async def probe(self) -> Probe:
        """Who we are, which repositories can be read, and what is missing; see ``connector.Connector.probe``."""
        app = self.settings.app
        if self.settings.token is None and app is None:
            raise AuthError(
                f"{self.tracker}: no token. Without one GitHub shows public issues only, to anyone, and takes no "
                f"writes; set `token` of tracker {self.tracker}."
            )
        # First a token: what is wrong with the App is best said of the request that every run begins with.
        await self.wire.authorization()
        installation = None if app is None else await installed(self.settings, app)
        identity = await self.discoverer.identity()
        rows, missing = await self._rooms(identity)
        readable = [name for name, row in rows.items() if row.has_issues]
        for row in _one_of_each_owner(rows[name] for name in readable):
            missing += await self._unmet(row, identity, installation)
        missing += scopes_lacking(self.settings, identity, list(rows.values()))
        if self.settings.project is not None:
            missing += await self._board(identity, installation)
        return Probe(_account(identity, installation), tuple(readable), tuple(dict.fromkeys(missing)))

    async def _rooms(self, identity: Identity) -> tuple[dict[str, Repository], list[str]]:
        """The repositories that can be read, by the name they are observed under, and what is wrong with them all."""
        try:
            found = await self.names.discover()
        except NotFoundError as error:
            return {}, [str(error)]
        missing = [] if found.trouble is None else [str(found.trouble)]
        rows: dict[str, Repository] = {}
        for name in found.names:
            try:
                if name not in self.names.seen:
                    await self.names.learn(name)
            except (NotFoundError, RejectedError) as error:
                remedy = "give the token access to it (fine-grained token: Issues: read and write)"
                missing.append(f"{name} cannot be read: {error} Or {remedy}.{self._hint(identity)}")
                continue
            rows[name] = self.names.seen[name]
            missing += self._wrong(name, rows[name], identity)
        return rows, missing

    def _wrong(self, name: str, row: Repository, identity: Identity) -> Iterator[str]:
        if row.full_name.casefold() != name.casefold():
            yield f"{name} is called {row.full_name} now; correct it under `repositories`."
        if not row.has_issues:
            yield f"{name} has its issues switched off; switch them on in its settings, or take it out."
        if row.archived and self.settings.writes:
            yield (
                f"{name} is archived: it is read, but nothing in it can be written. Unarchive it in its settings, or "
                "take it out."
            )
        # An installation's rights are its App's; what a repository says of them is no role.
        may_write = row.permissions is None or any(row.permissions.get(right) for right in _WRITERS)
        if self.settings.writes and identity.login and not may_write:
            yield (
                f"{name} may be read but not written: GitHub would drop labels and assignees without a word. Give the "
                "account the role triage there, or set `writes: none`."
            )

    async def _unmet(self, row: Repository, identity: Identity, installation: Installation | None) -> list[str]:
        """What cannot be read of a repository and its owner, or not be written by an App."""
        sentences = []
        for need in needs_of(self.settings, row.full_name):
            said = "" if installation is None else lacking(need, installation.permissions)
            if not said:
                answer = await self._ask(need)
                said = "" if answer.status == 200 else self._refused(need, answer, identity)
            sentences += [said] if said else []
        if "owners" in self.settings.writes:
            # Which permission that takes has been told with the issues; here it is asked whether there is such a path.
            need = Need("who can be assigned", f"/repos/{row.full_name}/assignees")
            if (await self._ask(need)).status == 404:
                sentences.append(
                    f"this server does not say who can be assigned (404 on {need.path}, which GitHub has): an owner "
                    "whom it does not take is only seen from its answer, and reported then."
                )
        return sentences

    async def _board(self, identity: Identity, installation: Installation | None) -> list[str]:
        project, need = self.settings.project, project_need(self.settings)
        if project is None or need is None:
            return []
        if installation is not None and project.kind == "user":
            return [f"{named(project)} is a user's, which no App reaches; use a personal token with the scope project."]
        said = "" if installation is None else lacking(need, installation.permissions)
        if said or project_scope_lacking(self.settings, identity):
            # Of a classic token, the scope has been named already.
            return [said] if said else []
        answer = await self._ask(need)
        if answer.status == 404:
            # An older Enterprise Server has no such path, and the same board in GraphQL.
            try:
                await GraphBoard(GraphQL(self.wire, self.settings.url), project).field()
            except (NotFoundError, RejectedError):
                pass
            else:
                return []
        return [] if answer.status == 200 else [self._refused(need, answer, identity)]

    async def _ask(self, need: Need) -> Answer:
        return await self.wire.read("GET", need.path, params={"per_page": 1} if need.pages else None)

    def _refused(self, need: Need, answer: Answer, identity: Identity) -> str:
        """A sentence on an answer other than 200: what, where, what to do."""
        if answer.status >= 500 or answer.status not in {403, 404, 410, 451}:
            return f"{need.what} cannot be read: {refused(answer, f'asking for {need.path}')}."
        rights = answer.headers.get("x-accepted-github-permissions", "")
        wanted = rights or (f"{need.permission}={need.level}" if need.permission else "to read it")
        return (
            f"{need.what} cannot be read: GitHub answered {answer.status} on {need.path}. Give the token "
            f"the permission {wanted}.{self._hint(identity)}"
        )

    def _hint(self, identity: Identity) -> str:
        return _ACTIONS if not identity.login and self.settings.app is None else ""


def _account(identity: Identity, installation: Installation | None) -> str:
    if installation is not None:
        return installation.bot
    return identity.login or "an app's installation"


def _one_of_each_owner(rows: Iterable[Repository]) -> Iterator[Repository]:
    """Permissions are given by owner, so one repository tells them for all."""
    owners: set[str] = set()
    for row in rows:
        owner = row.full_name.partition("/")[0].casefold()
        if owner not in owners:
            owners.add(owner)
            yield row
