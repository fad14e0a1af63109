"""Several repositories behind one address, and who may do what there: owners, tokens, and a GitHub App.

A token that nobody registered may do everything, so most tests need none of this. One that is registered (``admit``) or
was given out for an App's installation may do what it says of itself, and is refused as GitHub refuses it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github.call import RefusalError, not_found
from trackersync.sandbox.github.notices import Notices
from trackersync.sandbox.github.rights import Credential, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

    from trackersync.sandbox.github.model import GitHub

NOBODY: Final = Credential(scopes=frozenset())
"""Who asks without a token: sees what is public."""

HOUR: Final = timedelta(hours=1)
_LONGEST: Final = 600
_SLACK: Final = 60


@dataclass(frozen=True, slots=True)
class Installation:
    """An App's installation: whose, on which of its repositories, and with what permissions."""

    id: int
    account: str
    permissions: Mapping[str, str]
    repositories: frozenset[str] | None = None
    suspended: bool = False


@dataclass(slots=True)
class App:
    """A registered App.

    Attributes:
        public_key: in PEM; JWTs are checked against it.
        client_id: the issuer that JWTs must name; ``id`` will do as well.
        id: the App's number.
        slug: its name in addresses.
        clock: checks the JWTs' times: the machine's, since the callers' libraries sign by that.
        long: give out the long tokens of 2026 instead of short ones.
        life: of the tokens.
        given: how many tokens have been given out.
    """

    public_key: str
    client_id: str = "Iv23liSandboxClient1"
    id: int = 314_159
    slug: str = "acme-sync"
    clock: moments.Clock = moments.now
    long: bool = False
    life: timedelta = HOUR
    given: int = 0
    installations: dict[int, Installation] = field(default_factory=dict)

    def install(
        self, account: str, permissions: Mapping[str, str] | None = None, *repositories: str, suspended: bool = False
    ) -> Installation:
        """Install it on an owner's repositories: on all of them where none is named."""
        made = Installation(
            52_000_000 + len(self.installations) + 1,
            account,
            permissions if permissions is not None else {"issues": "write", "metadata": "read"},
            frozenset(name.casefold() for name in repositories) or None,
            suspended,
        )
        self.installations[made.id] = made
        return made

    def check(self, token: str) -> None:
        """Refuse a JWT as GitHub does: wrong key, wrong issuer, or times that it does not allow."""
        import jwt  # noqa: PLC0415  # slow to import, and only an App signs

        try:
            claims = jwt.decode(
                token,
                self.public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_iat": False, "require": ["iat", "exp", "iss"]},
            )
        except jwt.PyJWTError as trouble:
            raise RefusalError(401, "A JSON web token could not be decoded") from trouble
        now = self.clock().timestamp()
        if claims["iss"] not in {self.client_id, str(self.id)}:
            raise RefusalError(401, "Integration not found")
        if claims["exp"] < now or claims["iat"] > now:
            raise RefusalError(401, "'Expiration time' claim ('exp') or 'Issued at' claim ('iat') is out of range")
        if claims["exp"] - claims["iat"] > _LONGEST + _SLACK:
            raise RefusalError(401, "'Expiration time' claim ('exp') is too far in the future")


@dataclass(slots=True)
class About:
    """What a repository says besides: the caller's role in it, when it was pushed to, what its labels are for."""

    role: str = "push"
    pushed: str = "2020-01-01T00:00:00Z"
    notes: dict[str, str] = field(default_factory=dict)


class Hub:
    """What several repositories share.

    Attributes:
        models: the repositories, the one first that the application was made for.
        users: owners that are users; every other one is an organisation.
        app: the App that is registered here.
        credentials: what registered tokens may do.
        hooks: by ``OWNER/NAME`` or ``OWNER``, the webhooks, by id.
        notices: whom they tell what, and how that was answered.
        unsigned_hourly: requests an hour of all who ask without a token.
        unsigned: how many there have been, by hour since the epoch.
    """

    def __init__(self, model: GitHub) -> None:
        self.models: list[GitHub] = [model]
        self.users: set[str] = set()
        self.app: App | None = None
        self.credentials: dict[str, Credential] = {"": NOBODY}
        self.hooks: dict[str, dict[int, dict[str, Any]]] = {}
        self.hooks_given = 0
        self.notices = Notices(self)
        self.unsigned_hourly = 60
        self.unsigned: dict[int, int] = {}

    def join(self, others: tuple[GitHub, ...]) -> None:
        """Take in other repositories; each gets an id of its own."""
        main = self.models[0]
        for other in others:
            other.hub = self
            while other.repository_id in {model.repository_id for model in self.models}:
                other.repository_id += 1
            self.models.append(other)
            if other not in main.boards.hubs:
                main.boards.hubs.append(other)

    def kind(self, owner: str) -> str:
        """What an owner is, in GitHub's word."""
        return "User" if owner.casefold() in self.users else "Organization"

    def at(self, request: Request) -> GitHub:
        """The repository a path is about; the first one where it is about none.

        Under a former name it redirects to the id, as the real one does, and keeps the method of a write.
        """
        params = request.path_params
        if "id" in params and "/repositories/" in request.url.path:
            return next((model for model in self.models if model.repository_id == params["id"]), self.models[0])
        if "repo" not in params:
            return self.models[0]
        name = f"{params['owner']}/{params['repo']}".casefold()
        for model in self.models:
            if model.repository.casefold() == name:
                return model
        for model in self.models:
            if name in {former.casefold() for former in model.former} and model.visible:
                rest = request.url.path.split("/", 4)[4:]
                place = f"{str(request.base_url).rstrip('/')}/repositories/{model.repository_id}{'/' if rest else ''}"
                place += "".join(rest) + (f"?{request.url.query}" if request.url.query else "")
                moved = RefusalError(301 if request.method == "GET" else 307, "Moved Permanently", url=place)
                moved.headers["location"] = place
                raise moved
        return self.models[0]

    def admit(self, token: str, request: Request, model: GitHub) -> None:
        """Let a registered token do what it may, or refuse it as GitHub does."""
        known = self.credentials.get(token)
        if not token and request.url.path != "/rate_limit":
            self._spend()
        if known is None:
            return
        if known.revoked or (known.expires is not None and known.expires <= self.models[0].clock()):
            raise RefusalError(401, "Bad credentials")
        if not {"repo", "id"}.isdisjoint(request.path_params) and not self.shows(known, model):
            raise not_found()
        if trouble := refusal(known, request.method, request.url.path):
            raise trouble

    def _spend(self) -> None:
        """Count a request without a token, or refuse it as GitHub does when the hour's are used up."""
        hour = moments.seconds(self.models[0].clock()) // 3600
        used = self.unsigned.get(hour, 0)
        if used >= self.unsigned_hourly:
            raise RefusalError(
                403,
                "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher "
                "rate limit. Check out the documentation for more details.)",
            )
        self.unsigned[hour] = used + 1

    def deliver(self, hook: int, code: int, status: str = "OK") -> None:
        """Have delivered something just now to a webhook, and been answered this; 0 for no answer."""
        self.notices.deliver(hook, code, status)

    def shows(self, known: Credential | None, model: GitHub) -> bool:
        """Whether a token sees a repository: a public one always."""
        if known is None or not model.private:
            return model.visible
        if known.scopes is not None and "repo" not in known.scopes:
            return False
        named = known.repositories is None or model.repository.casefold() in known.repositories
        return model.visible and named and (known.owner is None or known.owner == model.owner.casefold())

    def give(self, installation: Installation) -> tuple[str, datetime]:
        """Give out a token for an installation."""
        app = self.app
        if app is None:
            raise not_found()
        app.given += 1
        digits = hashlib.sha256(f"{installation.id} {app.given}".encode()).hexdigest()
        token = f"ghs_{app.id}_{digits * 9}" if app.long else f"ghs_{digits[:36]}"
        expires = self.models[0].clock() + app.life
        self.credentials[token] = Credential(
            permissions=dict(installation.permissions),
            repositories=installation.repositories,
            owner=installation.account.casefold(),
            expires=expires,
        )
        return token, expires

    def revoke(self, token: str) -> None:
        """Take a token back before its time."""
        self.credentials[token] = replace(self.credentials[token], revoked=True)
