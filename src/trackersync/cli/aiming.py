"""Where `init` looks: which trackers, by whose credential, which repositories and projects.

What the flags do not tell is asked where somebody is there to be asked; else all that is missing is said at once, each
with the flag or the variable that gives it. A credential comes from the environment, from GitHub's own command line, or
is typed hidden; it is never an argument, and never written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from trackersync.cli import credentials, pasted
from trackersync.cli.asking import Asker
from trackersync.cli.credentials import Credential
from trackersync.cli.unfiled import worded
from trackersync.cli.wanted import Wanted
from trackersync.config.address import trouble_with_url
from trackersync.connector import Container
from trackersync.errors import AuthError, ConfigError, NotFoundError, RejectedError, UnavailableError

TYPED = "your hands"
CLOUD = ".atlassian.net"
MAIL = re.compile(r"[^\s@:]+@[^\s@:]+")
NAME = re.compile(r"[\w.-]+/[\w.*?-]+")
KEY = re.compile(r"[A-Z][A-Z0-9_]*")
SHOWN = 20
"""So many repositories or projects are listed to choose from."""
TRACKERS = (("GitHub", "repositories"), ("Jira", "projects"), ("both", "one process over both"))

Offers = Callable[[str, Mapping[str, Any], Mapping[tuple[str | int, ...], str]], Sequence[Container]]
"""Asks a tracker what there is: its name, its part of the configuration without what is to be found, and its words."""


GITHUB_API = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Aim:
    """Where to look.

    Attributes:
        parts: what stands under ``trackers``, credentials included; nothing may be written.
        words: by path, the flag or variable that gave what stands there.
        tokens: by tracker, its credential.
    """

    parts: Mapping[str, dict[str, Any]]
    words: Mapping[tuple[str | int, ...], str]
    tokens: Mapping[str, Credential]


@dataclass(slots=True)
class Aiming:
    """Finds out where to look.

    Attributes:
        wanted: what the command line says.
        environ: the environment.
        asker: whom to ask; None where nobody is there.
        offers: lists what there is.
    """

    wanted: Wanted
    environ: Mapping[str, str]
    asker: Asker | None
    offers: Offers
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    words: dict[tuple[str | int, ...], str] = field(default_factory=lambda: {("delivery",): "--delivery"})
    tokens: dict[str, Credential] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def aim(self) -> Aim:
        """Where to look.

        Raises:
            ConfigError: it cannot be told; everything that is missing is named.
            AuthError, UnavailableError: what there is cannot be listed.
        """
        github, jira = self._which()
        if github:
            self._github()
        if jira:
            self._jira()
        if self.missing:
            raise ConfigError(
                f"this is not known yet, and there is nobody to ask: {'; '.join(self.missing)}",
                next_step="add it, or start `trackersync init` on a terminal, without --yes and --format json",
            )
        return Aim(self.parts, self.words, self.tokens)

    def _which(self) -> tuple[bool, bool]:
        wanted = self.wanted
        github = bool(wanted.repositories or wanted.github_url)
        jira = bool(wanted.jira is not None or wanted.email or wanted.user or wanted.projects)
        if github or jira:
            return github, jira
        if self.asker is None:
            raise ConfigError(
                "no tracker is named, and there is nobody to ask",
                next_step="trackersync init OWNER/REPO, or --jira URL --project KEY, or both; --sandbox needs neither",
            )
        answer = self.asker.one("Which trackers?", TRACKERS, "both")
        return answer != "Jira", answer != "GitHub"

    # GitHub.

    def _github(self) -> None:
        named = [pasted.repository(text) for text in self.wanted.repositories]
        urls = {one.url for one in named if one.url} or {self.environ.get("GITHUB_API_URL") or GITHUB_API}
        if self.wanted.github_url is None and len(urls) > 1:
            raise ConfigError(
                f"repositories of {len(urls)} GitHubs are named: {', '.join(sorted(urls))}",
                next_step="write a file for one of them, and name the other as a second tracker in it",
            )
        url = self.wanted.github_url or urls.pop()
        _sound("--github-url" if self.wanted.github_url is not None else "OWNER/REPO", url)
        self.words |= {
            ("trackers", "github"): "OWNER/REPO",
            ("trackers", "github", "url"): "--github-url",
            ("trackers", "github", "repositories"): "OWNER/REPO",
        }
        found = self._credential("github", self._of_github(url), "GITHUB_TOKEN", "a token that may read issues")
        part: dict[str, Any] = {"connector": "github", "url": url, **found}
        names = list(dict.fromkeys(one.name for one in named)) or self._chosen("github", part, "repositories")
        self.parts["github"] = {**part, "repositories": names}

    def _of_github(self, url: str) -> Credential:
        """A token of the environment, or of `gh`, if whoever is there agrees."""
        found = credentials.github(url, self.environ, meant=self.wanted.github_url is not None)
        if self.asker is None or found.token is None or found.origin in credentials.GITHUB:
            return found
        agreed = self.asker.yes(f"GITHUB_TOKEN is not set. Take the token of `{found.origin}`?", default=True)
        return found if agreed else Credential()

    # Jira.

    def _jira(self) -> None:
        wanted = self.wanted
        if wanted.jira is None and self.asker is None:
            self.missing.append("the address of the Jira (--jira URL)")
            return
        site = pasted.jira(wanted.jira) if wanted.jira is not None else self._site()
        _sound("--jira", site.url)
        self.words |= {
            ("trackers", "jira"): "--jira",
            ("trackers", "jira", "url"): "--jira",
            ("trackers", "jira", "projects"): "--project",
            ("trackers", "jira", "email"): "--email",
            ("trackers", "jira", "user"): "--user",
        }
        part: dict[str, Any] = {"connector": "jira", "url": site.url}
        what = "an API token of that account" if _is_cloud(site.url) else "a personal access token"
        known = credentials.jira(self.environ)
        nobody = wanted.anonymous or (wanted.public and known.token is None)
        account = {} if nobody else self._account(site.url)
        found = self._credential("jira", known, credentials.JIRA, what)
        part |= found if found.get("anonymous") else {**account, **found}
        keys = list(dict.fromkeys(key.upper() for key in wanted.projects))
        if not keys and site.project:
            keys = [site.project]
            if self.asker is not None:
                self.asker.screen.say(f"  project {site.project}, taken from the address")
        keys = keys or self._chosen("jira", part, "projects")
        self.parts["jira"] = {**part, "projects": keys}

    def _site(self) -> pasted.Site:
        asker = self._whom()
        while True:
            site = pasted.jira(asker.ask("Address of the Jira, or of any page in it:"))
            if site.url.startswith("http://") and trouble_with_url(site.url) is not None:
                secure = f"https://{site.url.removeprefix('http://')}"
                if asker.yes(f"  http would send the token unencrypted. Take {secure}?", default=True):
                    site = pasted.Site(secure, site.project)
            trouble = trouble_with_url(site.url)
            if trouble is None:
                asker.screen.say(f"  {site.url}")
                return site
            asker.screen.say(f"  {trouble[0]}: {trouble[1]}")

    def _account(self, url: str) -> dict[str, Any]:
        """Who we are to this Jira: an e-mail address at Cloud; at Data Center a name only where one is given."""
        wanted = self.wanted
        email = wanted.email or (None if wanted.user else self.environ.get(credentials.JIRA_EMAIL))
        user = wanted.user or (None if email else self.environ.get(credentials.JIRA_USER))
        if email or user:
            return {"email": email} if email else {"user": user}
        if not _is_cloud(url):
            return {}
        if self.asker is None:
            self.missing.append("the account's e-mail address (--email ADDRESS, or JIRA_EMAIL)")
            return {}
        while not MAIL.fullmatch(email := self.asker.ask("E-mail address of the account at Jira Cloud:")):
            self.asker.screen.say("  an e-mail address is needed here")
        return {"email": email}

    # What both need.

    def _credential(self, tracker: str, found: Credential, variable: str, what: str) -> dict[str, Any]:
        """Who one is to a tracker; nothing is to be written either way."""
        if self.wanted.anonymous or (self.wanted.public and found.token is None):
            found = Credential()
        elif found.token is None and self.asker is None:
            way = f"export {variable}=…, or --anonymous for what is public"
            if self.environ.get(variable):
                # It is there, and not sent to a host that was only pasted.
                way = f"name the API by --github-url URL, so that {variable} is sent there; or --anonymous"
            self.missing.append(f"{what} ({way})")
        elif found.token is None:
            self._whom().screen.say(
                f"  {variable} is not set. A token typed here is used for this run and written nowhere."
            )
            typed = self._whom().secret(f"Token for {tracker} ({what}); Enter alone reads what is public:")
            found = Credential(SecretStr(typed), TYPED) if typed else Credential()
        self.tokens[tracker] = found
        self.words["trackers", tracker, "token"] = found.origin if found.origin != TYPED else "the token typed"
        return {"anonymous": True} if found.token is None else {"token": found.token, "writes": []}

    def _chosen(self, tracker: str, part: dict[str, Any], key: str) -> list[str]:
        """The repositories or projects, of those that there are; a token that is refused is asked for again."""
        one, pattern, form = (
            ("OWNER/REPO", NAME, "a repository is named OWNER/NAME")
            if tracker == "github"
            else ("--project KEY", KEY, "a project's key is the part of SHOP-42 before the dash, in capitals")
        )
        if self.asker is None:
            self.missing.append(f"which {key} ({one})")
            return []
        offers = self._offered(tracker, part)
        more = ", or any other by name" if offers else ""
        question = f"Which {key}{f' (numbers or names{more})' if offers else ', by name'}, commas between them:"
        chosen = self.asker.some(
            question,
            [(offer.name, _about(offer)) for offer in offers],
            lambda name: (
                _elsewhere(tracker, name, part) if pattern.fullmatch(_tidied(tracker, name)) else f"{name}: {form}"
            ),
        )
        return list(dict.fromkeys(_tidied(tracker, name) for name in chosen))

    def _offered(self, tracker: str, part: dict[str, Any]) -> Sequence[Container]:
        """What there is; nothing where the tracker tells nobody, or not us: it can still be named."""
        screen = self._whom().screen
        while not part.get("anonymous"):
            try:
                return self.offers(tracker, part, self.words)[:SHOWN]
            except AuthError as error:
                if self.tokens[tracker].origin != TYPED:
                    raise
                screen.say(f"  {worded(str(error), tracker)}")
                typed = self._whom().secret(f"Token for {tracker} again; Enter alone reads what is public:")
                found = Credential(SecretStr(typed), TYPED) if typed else Credential()
                self.tokens[tracker] = found
                part.pop("token")
                part |= {"anonymous": True} if found.token is None else {"token": found.token}
                if found.token is None:
                    part.pop("writes", None)
            except (NotFoundError, RejectedError, UnavailableError) as error:
                screen.say(f"  {worded(str(error), tracker)}")
                break
        return ()

    def _whom(self) -> Asker:
        if self.asker is None:
            raise ConfigError("there is nobody to ask")  # the callers have seen to it
        return self.asker


def _sound(option: str, url: str) -> None:
    """Refuse an address at once, before anything is sent there or shown. Raises ``ConfigError``."""
    trouble = trouble_with_url(url)
    if trouble is not None:
        raise ConfigError(f"{option}: {trouble[0]}", next_step=trouble[1] or "write https://HOST")


def folder_of(file: Path) -> Path:
    """Where a configuration's relative paths begin."""
    return file.absolute().parent


def _is_cloud(url: str) -> bool:
    return (urlsplit(url).hostname or "").casefold().endswith(CLOUD)


def _tidied(tracker: str, name: str) -> str:
    return pasted.repository(name).name if tracker == "github" else name.upper()


def _elsewhere(tracker: str, name: str, part: Mapping[str, Any]) -> str | None:
    """What is wrong with the page of another GitHub than the one that is asked."""
    url = pasted.repository(name).url if tracker == "github" else None
    if url is None or url == part["url"]:
        return None
    return f"{name} is at another GitHub: start `trackersync init {name}`"


def _about(offer: Container) -> str:
    parts = [offer.title] if offer.title else []
    parts += [f"{offer.items:,} open"] if offer.items is not None else []
    parts += [f"latest {offer.latest:%Y-%m-%d}"] if offer.latest is not None else []
    return ", ".join(parts)
