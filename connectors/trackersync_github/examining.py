"""How well a tracker is set up: who we are, what the credential may do and for how long, whether what is named exists.

Reads only. What GitHub does not tell us is said, and passes for no error. ``GET /rate_limit`` comes first, since it is
free: where nothing is left, everything else would wait for the hour to end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from trackersync.connector import Check, Clock, Facts, Grade, Wire, decode
from trackersync_github import excess, hooked, job
from trackersync_github.access import Access, Seen
from trackersync_github.cards import listed
from trackersync_github.discovery import Identity
from trackersync_github.existing import Existing
from trackersync_github.installation import Installation
from trackersync_github.limits import UNSIGNED
from trackersync_github.settings import GithubSettings, addresses
from trackersync_github.wire import Repository

SOON: Final = timedelta(days=30)
"""Before the end of a token, from when on it is worth a word."""
LOW: Final = 0.1
"""The share of the hour's requests below which it is worth a word."""
SHOWN: Final = 10
"""Repositories that are told of one by one; beyond, those with which all is well are one line."""

FINE, CLASSIC = "fine-grained token", "classic token"
_KINDS: Final = {
    "github_pat_": FINE,
    "ghp_": CLASSIC,
    "gho_": "token of an OAuth app",
    "ghu_": "token of a GitHub App's user",
    "ghs_": "token of an App's installation",
}
"""By how they begin (GitHub, "About authentication to GitHub", token formats)."""


class _Count(msgspec.Struct, frozen=True):
    limit: int
    remaining: int
    reset: float


class _Resources(msgspec.Struct, frozen=True):
    core: _Count


class _Rates(msgspec.Struct, frozen=True):
    resources: _Resources


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examines one tracker.

    Args:
        settings: its part of the configuration.
        wire: to GitHub.
        clock: the time.
        access: finds out what is missing.
        existing: looks for what is named.
        environ: the process's environment, which says whether this is a job of GitHub Actions.
    """

    settings: GithubSettings
    wire: Wire
    clock: Clock
    access: Access
    existing: Existing
    environ: Mapping[str, str]

    async def examine(self, named: Facts) -> AsyncIterator[Check]:
        """Every check, in the order in which it is read; see ``connector.Examining.examine``.

        Raises:
            AuthError: GitHub does not know us.
            UnavailableError: it did not answer.
        """
        budget, spent, limit = await self._budget()
        if spent:
            yield budget
            return
        who = await self.access.who()
        kind = await self._kind(who[0])
        yield self._identity(*who, kind)
        seen = await self.access.look(who)
        rows = list(seen.rows.values())
        for check in (*self._token(seen, kind, rows), *job.surroundings(self.settings, self.environ, limit)):
            yield check
        names = [row.full_name for row in rows]
        rooms = self._repositories(seen, kind)
        alone = len(rooms) == 1 and rooms[0].grade is Grade.GOOD
        for check in () if alone else rooms:
            yield check
        labels = await self.existing.labels(named.get("labels", ()), names)
        if alone and len(labels) == 1 and labels[0].grade is Grade.GOOD:
            rooms, labels = [Check(rooms[0].name, Grade.GOOD, f"{rooms[0].said}; {labels[0].said}")], ()
        for check in (*(rooms if alone else ()), *labels):
            yield check
        for check in (
            *(await self._board(seen, named.get("board", ()))),
            *(await self.existing.options(named.get("field", ()), names)),
            budget,
        ):
            yield check
        for check in await self._webhooks(names):
            yield check

    @property
    def _page(self) -> str:
        return addresses(self.settings)[0]

    # Who we are.

    async def _kind(self, identity: Identity) -> str:
        """What kind of credential it is, as far as its first letters and GitHub tell."""
        if self.settings.anonymous:
            return ""
        credential = await self.wire.authorization()
        token = "" if credential is None else credential.get_secret_value().rpartition(" ")[2]
        known = next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), "")
        return known or (CLASSIC if identity.scopes is not None else "token")

    def _identity(self, identity: Identity, app: Installation | None, kind: str) -> Check:
        name = "who we are"
        if self.settings.anonymous:
            said = "nobody: without a token GitHub shows what is public, and takes no writes"
            return Check(name, Grade.NOTE, said, "set `token` for what is private, and to write")
        if app is not None and app.suspended is not None:
            said = f"{app.bot}, whose installation on {app.account} is suspended since {app.suspended[:10]}"
            return Check(name, Grade.ERROR, said, f"have {app.account} lift that, under GitHub Apps in its settings")
        if app is not None:
            return Check(name, Grade.GOOD, f"{app.bot}, a GitHub App installed on {app.account}")
        if not identity.told:
            return Check(name, Grade.NOTE, "this server does not say who we are (GET /user)")
        if not identity.login:
            return Check(name, Grade.GOOD, "an App's installation, as GITHUB_TOKEN of a workflow is")
        return Check(name, Grade.GOOD, f"{identity.login}, {kind}")

    def _token(self, seen: Seen, kind: str, rows: Sequence[Repository]) -> list[Check]:
        """When it ends, what it lacks, and what it may without need."""
        place = "personal-access-tokens" if kind == FINE else "tokens"
        address = f"{self._page}/settings/{place}"
        checks = [] if seen.identity.expires is None else [self._ending(seen.identity.expires, address)]
        for lack in seen.lacks:
            if lack.where == "token":
                said, remedy = lack.parts
                checks.append(Check("token", Grade.ERROR, said.removeprefix("the token "), remedy))
        beyond = excess.scopes_beyond(self.settings, seen.identity)
        if beyond:
            enough = f"a token with {excess.scopes_enough(self.settings, rows)} does"
            said = f"may also {listed(beyond)}; trackersync never needs that"
            checks.append(Check("token", Grade.WARNING, said, f"{enough}: {address}"))
        if seen.installation is not None and rows:
            more = excess.permissions_beyond(self.settings, seen.installation, rows[0].full_name)
            if more:
                words = listed(f"{name}: {level}" for name, level in more.items())
                said = f"may also {words}; trackersync never needs that"
                checks.append(Check("app", Grade.WARNING, said, "take them away in the App's settings"))
        return checks

    def _ending(self, end: datetime, address: str) -> Check:
        now = self.clock.now()
        day = f"{end.day} {end:%b}{f' {end.year}' if end.year != now.year else ''}"
        left = end - now
        if left <= timedelta():
            return Check("token", Grade.ERROR, f"ended {day}", f"make another one: {address}")
        whole = _counted(left.days, "day") if left.days else _counted(int(left.total_seconds() // 3600), "hour")
        grade = Grade.WARNING if left < SOON else Grade.GOOD
        return Check("token", grade, f"expires {day}, in {whole}", address if grade is Grade.WARNING else "")

    # What it may.

    def _repositories(self, seen: Seen, kind: str) -> list[Check]:
        """What is wrong with each, or that all is well; those of many with which all is well in one line."""
        wrong: list[Check] = []
        for lack in seen.lacks:
            if lack.where not in {"token", "board"}:
                said, remedy = lack.parts
                wrong.append(Check(lack.where, Grade.ERROR if lack.grave else Grade.WARNING, said, remedy))
        told = {check.name.casefold() for check in wrong}
        well = [name for name, row in seen.rows.items() if not {name.casefold(), row.full_name.casefold()} & told]
        may = self._may(seen, kind)
        if len(well) > SHOWN:
            good = [Check("repositories", Grade.GOOD, f"{len(well)} of {len(seen.rows)} {may}")]
        else:
            good = [Check(name, Grade.GOOD, may) for name in well]
        # What concerns one repository stands together; what cannot be read comes last.
        place = {name: number for number, name in enumerate(["repositories", *seen.rows])}
        return sorted([*good, *wrong, *self._roles(seen, kind)], key=lambda check: place.get(check.name, len(place)))

    def _may(self, seen: Seen, kind: str) -> str:
        if not self.settings.writes:
            return "may read issues; `writes` allows nothing"
        if kind == FINE or not (seen.identity.login or seen.installation):
            return "may read issues, and write them as far as the token allows, which GitHub does not tell"
        return "may read and write issues"

    def _roles(self, seen: Seen, kind: str) -> list[Check]:
        """Repositories in which the account may more than is needed, and nothing narrows that."""
        if seen.identity.scopes is None or kind == FINE:
            return []
        roles = {name: verb for name, row in seen.rows.items() if (verb := excess.role_beyond(row))}
        role = "triage" if self.settings.writes else "read"
        remedy = (
            f"give the account the role {role}, or take a fine-grained token for issues only: "
            f"{self._page}/settings/personal-access-tokens"
        )
        if len(roles) > SHOWN:
            said = f"may also administer or maintain {len(roles)} of them; trackersync never needs that"
            return [Check("repositories", Grade.WARNING, said, remedy)]
        return [
            Check(name, Grade.WARNING, f"may also {verb} the repository; trackersync never needs that", remedy)
            for name, verb in roles.items()
        ]

    async def _board(self, seen: Seen, named: Sequence[str]) -> tuple[Check, ...]:
        lacks = [lack.parts for lack in seen.lacks if lack.where == "board"]
        return (Check("board", Grade.ERROR, *lacks[0]),) if lacks else await self.existing.columns(named)

    # What is left, and what is sent to us.

    async def _budget(self) -> tuple[Check, bool, int | None]:
        """How many requests are left of the hour's, whether there are none, and how many there are in all."""
        answer = await self.wire.read("GET", "/rate_limit")
        if answer.status != 200:
            # An Enterprise Server says 404 where its administrators set no limits.
            return Check("budget", Grade.GOOD, "this server counts no requests"), False, None
        count = decode(answer, _Rates).resources.core
        until = f"{datetime.fromtimestamp(count.reset, UTC):%H:%M} UTC"
        left = f"{count.remaining:,}" if count.remaining > 0 else "none"
        said = f"{left} of {count.limit:,} requests left until {until}"
        anonymous = self.settings.anonymous
        if count.remaining <= 0:
            remedy = UNSIGNED if anonymous else f"look again after {until}; a GitHub App has requests of its own"
            return Check("budget", Grade.WARNING, f"{said}, so nothing else was asked", remedy), True, count.limit
        if anonymous:
            return Check("budget", Grade.NOTE, said, UNSIGNED), False, count.limit
        if count.remaining < count.limit * LOW:
            remedy = f"runs wait until {until}, or take a credential of their own"
            return Check("budget", Grade.WARNING, said, remedy), False, count.limit
        return Check("budget", Grade.GOOD, said), False, count.limit

    async def _webhooks(self, names: Sequence[str]) -> tuple[Check, ...]:
        # Nobody is shown any.
        if not names or self.settings.anonymous:
            return ()
        return await hooked.webhooks(self.wire, names, self._page, self.clock.now())


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
