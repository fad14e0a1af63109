"""One question to Jira per function: where it is asked on Cloud and on Data Center, and what a refusal of it means.

Sources: Atlassian, "The Jira Cloud platform REST API" v3 (issue search, issues, project, myself, user search); the Jira
Data Center REST API v2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from trackersync.connector import Answer, AuthError, NotFoundError, UnavailableError, Wire, decode
from trackersync_jira.items import FIELDS, Site
from trackersync_jira.refusals import known, refused, stranger
from trackersync_jira.shapes import Count, Fetched, Found, Held, Hop, Hops, Issue, Project, User

PAGE = 100
"""Issues asked for at once; Jira may give fewer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a search, and how far into it: by token on Cloud, by number on Data Center."""

    jql: str
    token: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class Api:
    """Jira as the questions we have for it.

    Attributes:
        site: its name, pages and flavour.
        wire: what sends.
    """

    site: Site
    wire: Wire

    @property
    def root(self) -> str:
        """v3 on Cloud; v2 on Data Center, which has no other."""
        return "/rest/api/3" if self.site.cloud else "/rest/api/2"

    # What may be asked of the whole site.

    async def search(self, ask: Ask) -> Answer:
        """Ask for one page of a search; the refusals of it are the caller's to tell apart.

        ``/search/jql`` has replaced ``/search`` on Cloud (CHANGE-2046); Data Center has only the older one.
        """
        body: dict[str, object] = {"jql": ask.jql, "maxResults": PAGE, "fields": list(FIELDS)}
        if not self.site.cloud:
            return known(await self.wire.read("POST", f"{self.root}/search", json=body | {"startAt": ask.start}))
        if ask.token:
            body["nextPageToken"] = ask.token
        return known(await self.wire.read("POST", f"{self.root}/search/jql", json=body))

    async def about(self, jql: str) -> int | None:
        """How many issues a search will find, roughly; None where Jira does not say. Cloud only.

        It is for the progress bar, so that trouble with it stops nothing: the search meets the same trouble and tells.
        """
        try:
            answer = await self.wire.read("POST", f"{self.root}/search/approximate-count", json={"jql": jql})
            return decode(answer, Count).count if answer.status == 200 else None
        except UnavailableError:
            return None

    async def authenticate(self) -> User:
        """Ask who we are.

        Raises:
            AuthError: nobody: an anonymous 200 is not success.
        """
        answer = known(await self.wire.read("GET", f"{self.root}/myself"))
        if answer.status in {401, 403}:
            raise AuthError(str(refused(answer, f"{self.site.tracker}: Jira does not say who we are")))
        if answer.status != 200:
            raise refused(
                answer, f"{self.site.tracker}: Jira does not say who we are", "Check that `url` is the site's address."
            )
        user = decode(answer, User)
        if not (user.account_id or user.name):
            raise stranger(answer)
        return user

    async def project(self, key: str) -> Project:
        """Ask for a project.

        Raises:
            NotFoundError: there is none, or it is hidden from us.
        """
        answer = known(await self.wire.read("GET", f"{self.root}/project/{quote(key, safe='')}"))
        if answer.status == 404:
            raise NotFoundError(
                f"{self.site.tracker}: project {key} does not exist, or is hidden from this account. Check the key "
                f'under `projects`, and that the account has the permission "Browse projects" in {key}.'
            )
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show project {key}")
        return decode(answer, Project)

    # What may be asked of an issue.

    async def issue(self, issue_id: str) -> Answer:
        """Ask for one issue; 200, or 404 or 403 where it is gone or hidden (Data Center says 403 of some hidden ones).

        Raises:
            RejectedError, UnavailableError: any other answer.
        """
        answer = known(await self.wire.read("GET", self._issue(issue_id), params={"fields": ",".join(FIELDS)}))
        if answer.status in {200, 403, 404}:
            return answer
        raise refused(answer, f"{self.site.tracker}: Jira does not show issue {issue_id}")

    async def expect_issue(self, issue_id: str, key: str) -> Issue:
        """Ask for one issue that must be there.

        Raises:
            NotFoundError: it is gone, or hidden from us.
        """
        answer = await self.issue(issue_id)
        if answer.status != 200:
            raise NotFoundError(f"{key} is gone from {self.site.tracker}, or hidden from this account.")
        return decode(answer, Issue)

    async def held(self, issue_id: str, fields: Sequence[str]) -> frozenset[str]:
        """Which of these fields of an issue hold something."""
        answer = known(await self.wire.read("GET", self._issue(issue_id), params={"fields": ",".join(fields)}))
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show issue {issue_id}")
        values = decode(answer, Held).fields
        return frozenset(name for name in fields if values.get(name) not in (None, "", [], {}))

    async def fetch(self, ids: Sequence[str]) -> Fetched:
        """Ask for up to 100 issues at once. Cloud only. Those that are not there are simply absent."""
        body = {"issueIdsOrKeys": list(ids), "fields": list(FIELDS)}
        answer = known(await self.wire.read("POST", f"{self.root}/issue/bulkfetch", json=body))
        if answer.status != 200:
            raise refused(answer, f"{self.site.tracker}: Jira does not show {len(ids)} issues by their ids")
        return decode(answer, Fetched)

    async def hops(self, issue_id: str, key: str) -> tuple[Hop, ...]:
        """The transitions we may make on an issue now, with their screens.

        Raises:
            NotFoundError: the issue is gone, or hidden from us.
        """
        params = {"expand": "transitions.fields"}
        answer = known(await self.wire.read("GET", f"{self._issue(issue_id)}/transitions", params=params))
        if answer.status != 200:
            raise refused(answer, f"{key}: Jira does not show its transitions")
        # Cloud marks those that a condition forbids, where they are listed at all.
        return tuple(hop for hop in decode(answer, Hops).transitions if hop.is_available is not False)

    async def assignable(self, account: str, key: str) -> tuple[User, ...]:
        """The people like this account who may be assigned to an issue. The caller picks the exact one.

        On Data Center ``username`` is searched for in names and addresses too, so the exact one may come late.
        """
        params: dict[str, str | int] = {"issueKey": key, "accountId" if self.site.cloud else "username": account}
        if not self.site.cloud:
            params["maxResults"] = 1000
        answer = known(await self.wire.read("GET", f"{self.root}/user/assignable/search", params=params))
        if answer.status != 200:
            raise refused(answer, f"{key}: Jira does not say whether {account} may be assigned")
        return tuple(decode(answer, list[User]))

    # What may be changed.

    async def move(self, issue_id: str, body: object, *, fact: str) -> Answer:
        """Send an issue along a transition."""
        return await self.wire.write("POST", f"{self._issue(issue_id)}/transitions", fact=fact, json=body)

    async def assign(self, issue_id: str, account: str | None, *, fact: str) -> Answer:
        """Give an issue to an account, or to nobody; never ``-1``, which means the project's default."""
        body = {"accountId" if self.site.cloud else "name": account}
        return await self.wire.write("PUT", f"{self._issue(issue_id)}/assignee", fact=fact, json=body)

    def _issue(self, issue_id: str) -> str:
        return f"{self.root}/issue/{quote(issue_id, safe='')}"


def page_of(answer: Answer) -> Found:
    """A page of a search, once it is known to be one."""
    return decode(answer, Found)
