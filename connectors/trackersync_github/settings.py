"""What the configuration says of a GitHub tracker, and what follows from it before a connection is opened."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from trackersync.connector import TrackerSettings

API_VERSION = "2026-03-10"
"""The first version without the singular ``assignee``, which we never read, so that 2022-11-28 would do as well."""

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}

PACE = 1.0
"""Seconds between two writes ("Best practices for using the REST API": pause at least one second between mutations)."""

_REPOSITORY = re.compile(r"[A-Za-z\d](?:[A-Za-z\d_-]*)/[\w.-]+", re.ASCII)
_PAGE_HOSTS = frozenset({"github.com", "www.github.com"})


def _repository(name: str) -> str:
    """Check one repository's name; what a person is likely to have pasted is answered with what to write instead."""
    if _REPOSITORY.fullmatch(name):
        return name
    pasted = urlsplit(name).path.strip("/").removesuffix(".git").split("/")
    meant = "/".join(pasted[:2])
    if len(pasted) >= 2 and _REPOSITORY.fullmatch(meant):
        raise ValueError(f"a repository is named OWNER/NAME; write {meant}")
    raise ValueError("a repository is named OWNER/NAME, as in acme/shop")


def _each_once(names: list[str]) -> list[str]:
    folded = [name.casefold() for name in names]
    twice = next((name for name in names if folded.count(name.casefold()) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is listed twice (GitHub does not tell upper from lower case); take one out")
    return names


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _api(url: str) -> str:
    if urlsplit(url).hostname in _PAGE_HOSTS:
        raise ValueError("this is the address of the pages; the API is https://api.github.com")
    return url.rstrip("/")


class GithubSettings(TrackerSettings):
    """``connector: github``: one GitHub, github.com or a server of one's own, and the repositories to look at."""

    url: Annotated[str, AfterValidator(_api)] = Field(
        default="https://api.github.com",
        description="The API: https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server.",
    )
    repositories: Annotated[
        list[Annotated[str, AfterValidator(_repository)]],
        BeforeValidator(_as_list),
        AfterValidator(_each_once),
    ] = Field(min_length=1, description="Whose issues to look at, as OWNER/NAME.")


def authorization(settings: GithubSettings) -> Callable[[], Awaitable[SecretStr | None]]:
    """A function that gives the ``Authorization`` header: any token GitHub issues is a bearer token."""

    async def bearer() -> SecretStr | None:
        if settings.token is None:
            return None
        return SecretStr(f"Bearer {settings.token.get_secret_value()}")

    return bearer


def addresses(settings: GithubSettings) -> tuple[str, ...]:
    """The addresses under which the pages of issues are found, the canonical one first.

    github.com and ``SUBDOMAIN.ghe.com`` serve their API from a host of its own, an Enterprise Server from ``/api/v3``
    (GitHub Enterprise documentation, "Getting started with the REST API"); anything else is a stand-in whose API and
    pages share an address.
    """
    split = urlsplit(settings.url)
    host = split.netloc
    if split.hostname == "api.github.com" or (split.hostname or "").endswith(".ghe.com"):
        page = f"{split.scheme}://{host.removeprefix('api.')}"
    else:
        page = settings.url.removesuffix("/api/v3")
    return tuple(dict.fromkeys((page, *(alias.rstrip("/") for alias in settings.aliases))))


def containers(settings: GithubSettings) -> tuple[str, ...]:
    """The configured repositories."""
    return tuple(settings.repositories)
