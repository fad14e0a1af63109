"""Where a credential comes from while no file says so: the environment, then GitHub's own command line, then nowhere.

A credential is never taken from the command line, which others on the machine can read.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

GITHUB = ("GITHUB_TOKEN", "GH_TOKEN")
"""Variables that hold a token of GitHub, in this order; the second is what GitHub's own command line reads."""
JIRA = "JIRA_TOKEN"
JIRA_EMAIL, JIRA_USER = "JIRA_EMAIL", "JIRA_USER"
PATIENCE = 5.0
"""Seconds for `gh auth token`, which only reads a file or a key chain."""

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential that was found.

    Attributes:
        token: the secret; None where there is none.
        origin: where it is from: a variable's name, ``gh auth token``; empty for nowhere.
    """

    token: SecretStr | None = None
    origin: str = ""

    @property
    def said(self) -> str:
        """What a first line says of it."""
        if self.token is None:
            return "no token"
        return f"token from {self.origin}" if " " not in self.origin else f"token from `{self.origin}`"


def github(url: str, environ: Mapping[str, str], *, meant: bool = False) -> Credential:
    """The token for a GitHub: of a variable, or of `gh`, if it is installed and logged in there.

    A variable does not say for which host its token is. So it goes to GitHub itself, to the API that the environment
    names, and to one that was named as an API; never to the host of a page that somebody pasted.

    Args:
        url: the API's address.
        environ: the environment.
        meant: whether the address was given as that of the API.
    """
    if meant or _trusted(url, environ):
        for name in GITHUB:
            if environ.get(name, "").strip():
                return Credential(SecretStr(environ[name].strip()), name)
    return _of_gh(urlsplit(url).netloc.removeprefix("api."), environ)


def _trusted(url: str, environ: Mapping[str, str]) -> bool:
    host, known = urlsplit(url).netloc.casefold(), urlsplit(environ.get("GITHUB_API_URL", "")).netloc.casefold()
    secure = url.lower().startswith("https://")
    return (secure and (host == "api.github.com" or host.endswith(".ghe.com"))) or host == known


def jira(environ: Mapping[str, str]) -> Credential:
    """The token for a Jira: of the variable."""
    token = environ.get(JIRA, "").strip()
    return Credential(SecretStr(token), JIRA) if token else Credential()


def variable_of(name: str, credential: Credential) -> str:
    """The variable that a file names for a credential: the one it came from, else the usual one."""
    known = (*GITHUB, JIRA)
    return credential.origin if credential.origin in known else {"github": GITHUB[0]}.get(name, JIRA)


def _of_gh(host: str, environ: Mapping[str, str]) -> Credential:
    """What `gh auth token` prints for a host. Source: GitHub CLI manual, "gh auth token"."""
    if not _HOST.fullmatch(host):
        return Credential()
    try:
        # The one word that is not ours is a host, made sure of above.
        told = subprocess.run(  # noqa: S603
            ["gh", "auth", "token", "--hostname", host],  # noqa: S607 - wherever the user has it, as a shell would
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=dict(environ),
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return Credential()
    token = told.stdout.strip()
    return Credential(SecretStr(token), "gh auth token") if told.returncode == 0 and token else Credential()
