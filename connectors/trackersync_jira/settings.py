"""What the configuration says of one Jira, and what follows from it: flavour, addresses and credential.

Cloud and Data Center differ in where they answer and in how they name people. With ``email`` a tracker is read as Cloud
(Basic, e-mail and API token), without it as Data Center (Bearer, personal access token). Sources: Atlassian, "Basic
auth for REST APIs" (Cloud) and "Using personal access tokens" (Data Center).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from trackersync.connector import AuthError, TrackerSettings

_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
_CLOUD = ".atlassian.net"
_GATEWAY = "api.atlassian.com"
"""Where scoped API tokens are used: ``https://api.atlassian.com/ex/jira/<cloud id>``. Pages are not found there."""


def _project(key: str) -> str:
    if _KEY.fullmatch(key):
        return key
    if _KEY.fullmatch(key.upper()):
        raise ValueError(f"a project's key is in capitals: write {key.upper()}")
    raise ValueError(
        f'"{key}" is no project key: capitals, digits and underscores, as in SHOP (the part of SHOP-42 before the dash)'
    )


ProjectKey = Annotated[str, AfterValidator(_project), Field(json_schema_extra={"pattern": f"^{_KEY.pattern}$"})]


class JiraSettings(TrackerSettings):
    """One Jira: its address, the projects to keep in step, and who we are there."""

    projects: list[ProjectKey] = Field(min_length=1, description="Keys of the projects to keep in step: `[SHOP]`.")
    email: str | None = Field(
        default=None, description="The account's e-mail address on Jira Cloud; absent on Data Center."
    )

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        bare = url.rstrip("/")
        if re.search(r"/rest(/|$)|/browse(/|$)", bare):
            raise ValueError("the address of the site is needed here, without /rest/… or /browse/…")
        return bare

    @field_validator("projects")
    @classmethod
    def _once(cls, projects: list[str]) -> list[str]:
        twice = sorted({key for key in projects if projects.count(key) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is named twice")
        return projects

    @field_validator("email")
    @classmethod
    def _address(cls, email: str | None) -> str | None:
        # A colon would end the user's part of a Basic credential early, and the rest would be taken for the token.
        if email is not None and not re.fullmatch(r"[^\s@:]+@[^\s@:]+", email):
            raise ValueError("an e-mail address is needed here; leave `email` out on Data Center")
        return email

    @model_validator(mode="after")
    def _flavour(self) -> JiraSettings:
        host = (urlsplit(self.url).hostname or "").casefold()
        if self.email is None and (host.endswith(_CLOUD) or host == _GATEWAY):
            raise ValueError(f"{host} is Jira Cloud, which needs the account's e-mail address: add `email`")
        if host == _GATEWAY and not self.aliases:
            raise ValueError(f"pages are not found at {host}: add `aliases: [https://YOURSITE{_CLOUD}]`")
        return self

    @property
    def cloud(self) -> bool:
        """Whether it is read as Jira Cloud; else as Data Center."""
        return self.email is not None


def addresses(settings: JiraSettings) -> tuple[str, ...]:
    """Where pages for people are found, the canonical address first: the tracker's ``url``, then its aliases."""
    known = [settings.url, *(alias.rstrip("/") for alias in settings.aliases)]
    if urlsplit(settings.url).hostname == _GATEWAY:
        known = known[1:]
    return tuple(dict.fromkeys(known))


def containers(settings: JiraSettings) -> tuple[str, ...]:
    """The configured projects."""
    return tuple(settings.projects)


def token(settings: JiraSettings) -> str:
    """The credential in the clear, for the moment a request needs it.

    Raises:
        AuthError: there is none.
    """
    secret = settings.token.get_secret_value() if settings.token is not None else ""
    if not secret:
        raise AuthError(f"no token for {settings.url}: add `token: ${{JIRA_TOKEN}}` or `token_file:` to this tracker")
    return secret


def authorization(settings: JiraSettings) -> Callable[[], Awaitable[SecretStr | None]]:
    """How every request says who we are: Basic on Cloud, Bearer on Data Center."""

    async def header() -> SecretStr:
        secret = token(settings)
        if settings.email is None:
            return SecretStr(f"Bearer {secret}")
        return SecretStr("Basic " + b64encode(f"{settings.email}:{secret}".encode()).decode("ascii"))

    return header
