"""One question to Jira per function: where it is asked on Cloud and on Data Center, and what a refusal of it means.

Sources: Atlassian, "The Jira Cloud platform REST API" v3 (issue search, issues, project, myself, user search); the Jira
Data Center REST API v2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from trackersync.connector import Answer, AuthError, NotFoundError, UnavailableError, Wire
from trackersync_jira import customs, relations
from trackersync_jira.items import FIELDS, Site
from trackersync_jira.listed import KindStatuses, ListedResolution
from trackersync_jira.query import LONGEST, PAGE, Ask
from trackersync_jira.refusals import ABSENT, OTHER, UnknownError, hidden, known, misnamed, refused, stranger
from trackersync_jira.shaped import shaped
from trackersync_jira.shapes import (
    Count,
    EditField,
    EditScreen,
    Fetched,
    Field,
    Found,
    Held,
    Hop,
    Hops,
    Issue,
    Project,
    User,
)
from trackersync_jira.ways import Ways


@dataclass(frozen=True, slots=True)
class Api:
    """Jira as the questions we have for it.

    Attributes:
        site: its name, pages and flavour.
        wire: what sends.
        ways: what it turned out to be like.
    """

    site: Site
    wire: Wire
    ways: Ways = field(default_factory=Ways, compare=False)

    @property
    def root(self) -> str:
        """v3 on Cloud; v2 on Data Center, which has no other."""
        return "/rest/api/3" if self.site.cloud else "/rest/api/2"

    @property
    def fields(self) -> list[str]:
        """The fields asked for: those every team has, and the configured custom ones."""
        return [*FIELDS, *(relations.FIELDS if self.site.ties is not None else ()), *self.site.custom]

    # What may be asked of the whole site.

    async def search(self, ask: Ask) -> Answer:
        """Ask for one page of a search; the refusals of it are the caller's to tell apart.

        ``/search/jql`` has replaced ``/search`` on Cloud (CHANGE-2046); Data Center has only the older one.
        """
        fields = list(ask.fields or self.fields)
        body: dict[str, Any] = {"jql": ask.jql, "maxResults": PAGE, "fields": fields}
        if self.site.cloud:
            return known(await self.wire.read("POST", f"{self.root}/search/jql", json=body | ask.further))
        body["startAt"] = ask.start
        if len(ask.jql) > LONGEST:
            return known(await self.wire.read("POST", f"{self.root}/search", json=body))
        return known(await self.wire.read("GET", f"{self.root}/search", params=body | {"fields": ",".join(fields)}))

    async def about(self, jql: str) -> int | None:
        """How many issues a search will find, roughly; None where Jira does not say. Cloud only.

        It is for the progress bar, so that trouble with it stops nothing: the search meets the same trouble and tells.
        """
        try:
            answer = await self.wire.read("POST", f"{self.root}/search/approximate-count", json={"jql": jql})
            return shaped(answer, Count).count if answer.status == 200 else None
        except UnavailableError:
            return None

    async def authenticate(self) -> User:
        """Ask who we are; nobody, without a question, where that is configured.

        Raises:
            UnknownError: the credential is refused.
            AuthError: nobody: an anonymous 200 is not success.
        """
        if self.site.anonymous:
            return User()
        try:
            answer = await self.wire.read("GET", f"{self.root}/myself")
        except AuthError as error:
            raise UnknownError(str(error)) from None
        known(answer)
        if answer.status in {401, 403}:
            raise AuthError(str(refused(answer, f"{self.site.tracker}: Jira does not say who we are")))
        if answer.status != 200:
            remedy = "Check that `url` is the site's address" + (OTHER if self.site.cloud else ".")
            raise refused(answer, f"{self.site.tracker}: Jira does not say who we are", remedy)
        user = shaped(answer, User)
        if not (user.account_id or user.name):
            raise stranger(answer)
        if not (user.account_id if self.site.cloud else user.name):
            raise misnamed(self.site.tracker, cloud=self.site.cloud)
        return user

    async def project(self, key: str) -> Project:
        """Ask for a project.

        Raises:
            NotFoundError: there is none, or it is hidden from us.
        """
        try:
            answer = known(await self.wire.read("GET", f"{self.root}/project/{quote(key, safe='')}"))
        except AuthError:
            if not self.site.anonymous:
                raise
            raise hidden(self.site.tracker, key, anonymous=True) from None
        if answer.status == 404:
            raise hidden(self.site.tracker, key, anonymous=self.site.anonymous)
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show project {key}")
        return shaped(answer, Project)

    async def known_fields(self) -> tuple[Field, ...]:
        """The fields there are, with the names people give them."""
        answer = known(await self.wire.read("GET", f"{self.root}/field"))
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show its fields")
        return tuple(shaped(answer, list[Field]))

    async def statuses(self, project: str) -> tuple[KindStatuses, ...]:
        """A project's statuses by issue type, as they are called for us.

        Raises:
            NotFoundError: there is no such project, or it is hidden from us.
        """
        answer = known(await self.wire.read("GET", f"{self.root}/project/{quote(project, safe='')}/statuses"))
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show the statuses of project {project}")
        return tuple(shaped(answer, list[KindStatuses]))

    async def resolutions(self) -> tuple[ListedResolution, ...]:
        """The resolutions there are, as they are called for us."""
        answer = known(await self.wire.read("GET", f"{self.root}/resolution"))
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show its resolutions")
        return tuple(shaped(answer, list[ListedResolution]))

    async def workflows(self, project_id: str, kind_ids: Sequence[str]) -> Answer:
        """Ask how the workflows of some types of a project are drawn; most accounts may not know. Cloud only."""
        body = {"projectAndIssueTypes": [{"projectId": project_id, "issueTypeId": kind} for kind in kind_ids]}
        return known(await self.wire.read("POST", f"{self.root}/workflows", json=body))

    # What may be asked of an issue.

    async def issue(self, issue_id: str, key: str = "") -> Answer:
        """Ask for one issue; 200, or 404 or 403 where it is gone or hidden (Data Center says 403 of some hidden ones).

        Raises:
            RejectedError, UnavailableError: any other answer.
        """
        answer = await self._ask(issue_id, {"fields": ",".join(self.fields)}, key)
        if answer.status in {200, 403, 404}:
            return answer
        raise refused(answer, f"{self.site.tracker}: Jira does not show issue {issue_id}")

    async def expect_issue(self, issue_id: str, key: str) -> Issue:
        """Ask for one issue that must be there.

        Raises:
            NotFoundError: it is gone, or hidden from us.
        """
        answer = await self.issue(issue_id, key)
        if answer.status != 200:
            raise NotFoundError(f"{key} is gone from {self.site.tracker}, or hidden from this account.")
        return self.issue_of(answer)

    async def held(self, issue_id: str, fields: Sequence[str]) -> frozenset[str]:
        """Which of these fields of an issue hold something."""
        values = await self.values(issue_id, fields)
        return frozenset(name for name in fields if values.get(name) not in (None, "", [], {}))

    async def values(self, issue_id: str, fields: Sequence[str]) -> dict[str, Any]:
        """These fields of an issue, as they come.

        Raises:
            NotFoundError: it is gone, or hidden from us.
        """
        answer = await self._ask(issue_id, {"fields": ",".join(fields)})
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show issue {issue_id}")
        return shaped(answer, Held).fields

    async def fetch(self, ids: Sequence[str]) -> Fetched:
        """Ask for up to 100 issues at once. Cloud only. Those that are not there are simply absent."""
        body = {"issueIdsOrKeys": list(ids), "fields": self.fields}
        answer = known(await self.wire.read("POST", f"{self.root}/issue/bulkfetch", json=body))
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show {len(ids)} issues by their ids")
        return customs.whole(self.site, shaped(answer, Fetched), answer)

    async def hops(self, issue_id: str, key: str) -> tuple[Hop, ...]:
        """The transitions we may make on an issue now, with their screens.

        Raises:
            NotFoundError: the issue is gone, or hidden from us.
        """
        answer = await self._ask(issue_id, {"expand": "transitions.fields"}, key, "/transitions")
        if answer.status != 200:
            raise refused(answer, f"{key}: Jira does not show its transitions")
        # Cloud marks those that a condition forbids, where they are listed at all.
        return tuple(hop for hop in shaped(answer, Hops).transitions if hop.is_available is not False)

    async def assignable(self, account: str, key: str) -> tuple[User, ...]:
        """The people like this account who may be assigned to an issue. The caller picks the exact one.

        On Data Center ``username`` is searched for in names and addresses too, so the exact one may come late.
        """
        params: dict[str, str | int] = {"issueKey": key, "accountId" if self.site.cloud else "username": account}
        if not self.site.cloud:
            params["maxResults"] = 1000
        answer = known(await self.wire.read("GET", f"{self.root}/user/assignable/search", params=params))
        if answer.status in ABSENT:
            # A server that lists nobody may still say who there is; whether he may own the issue the write tells.
            named = {"accountId" if self.site.cloud else "username": account}
            user = known(await self.wire.read("GET", f"{self.root}/user", params=named))
            if user.status == 200:
                return (shaped(user, User),)
        if answer.status != 200:
            raise refused(answer, f"{key}: Jira does not say whether {account} may be assigned")
        return tuple(shaped(answer, list[User]))

    async def edit_screen(self, issue_id: str, key: str) -> Mapping[str, EditField]:
        """The fields of an issue that we may edit, by id.

        Raises:
            NotFoundError: the issue is gone, or hidden from us.
        """
        answer = await self._ask(issue_id, {}, key, "/editmeta")
        if answer.status != 200:
            raise refused(answer, f"{key}: Jira does not show what may be edited")
        return shaped(answer, EditScreen).fields

    async def _ask(self, issue_id: str, params: Mapping[str, str], key: str = "", below: str = "") -> Answer:
        """Ask by id; where Data Center does not know that, by the key it had: some servers know nothing else."""
        answer = known(await self.wire.read("GET", self.path(issue_id) + below, params=params))
        key = key or self.ways.keys.get(issue_id, "")
        if answer.status != 404 or not key or self.site.cloud or self.ways.address(issue_id) == key:
            return answer
        named = known(await self.wire.read("GET", f"{self.root}/issue/{quote(key, safe='')}", params={"fields": "key"}))
        if named.status != 200 or shaped(named, Held).id != issue_id:
            return answer
        self.ways.keyed, self.ways.keys[issue_id] = True, key
        return known(await self.wire.read("GET", self.path(issue_id) + below, params=params))

    # What may be changed.

    async def move(self, issue_id: str, body: object, *, fact: str) -> Answer:
        """Send an issue along a transition."""
        return await self.wire.write("POST", f"{self.path(issue_id)}/transitions", fact=fact, json=body)

    async def edit(self, issue_id: str, body: object, *, fact: str) -> Answer:
        """Edit fields of an issue: ``fields`` are set, ``update`` is done to them."""
        return await self.wire.write("PUT", self.path(issue_id), fact=fact, json=body)

    async def assign(self, issue_id: str, account: str | None, *, fact: str) -> Answer:
        """Give an issue to an account, or to nobody; never ``-1``, which means the project's default."""
        body = {"accountId" if self.site.cloud else "name": account}
        return await self.wire.write("PUT", f"{self.path(issue_id)}/assignee", fact=fact, json=body)

    def path(self, issue_id: str) -> str:
        """Where an issue is asked for."""
        return f"{self.root}/issue/{quote(self.ways.address(issue_id), safe='')}"

    # What an answer holds.

    def page_of(self, answer: Answer) -> Found:
        """A page of a search, once it is known to be one."""
        return customs.whole(self.site, shaped(answer, Found), answer)

    def issue_of(self, answer: Answer) -> Issue:
        """An issue, once the answer is known to be one."""
        return customs.issue(self.site, shaped(answer, Issue), answer)
