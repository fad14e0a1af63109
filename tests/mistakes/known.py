"""Mistakes in who one is: tokens, accounts, permissions, limits, clocks and certificates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from mistakes.mistake import Make, Mistake, setting, variable
from mistakes.secured import served
from trackersync.sandbox import answer

if TYPE_CHECKING:
    import pytest

    from mistakes.secured import Kind
    from product import Shop

FILE = "trackersync.yaml:"


def answered(tracker: str, status: int, message: str, headers: dict[str, str] | None = None, path: str = "") -> Make:
    """Every request to a tracker gets one answer, worded as the vendor words it."""

    def make(shop: Shop, _: pytest.MonkeyPatch) -> None:
        shop.only(tracker)
        shop.tracker(tracker, patience="1 s")
        body = json.dumps({"message": message} if tracker == "github" else {"errorMessages": [message], "errors": {}})
        model = shop.sandbox.github if tracker == "github" else shop.sandbox.jira
        model.faults.add(answer(status, body, headers or {}), path=path or None, times=10_000)

    return make


def captcha(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("jira")
    shop.sandbox.jira.captcha = True


def may_not_browse(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("jira")
    shop.sandbox.jira.may_browse = False


def may_not_push(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    shop.sandbox.github.push = False


def slow_clock(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("jira")
    right = shop.sandbox.jira.clock
    shop.sandbox.jira.clock = lambda: right() - timedelta(hours=1)


def plainly(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    shop.tracker("github", token="ghp_sesame0123456789")


def status_with_a_slip(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("jira")
    stages = {**shop.settings["trackers"]["jira"]["stages"], "build": {"statuses": ["In Progess"]}}
    shop.tracker("jira", stages=stages)


def untrusted(kind: Kind) -> Make:
    """A Jira behind a certificate that nobody should take."""

    def make(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        address, shown = served(kind)
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        if kind != "itself":
            file = shop.folder / "authority.pem"
            file.write_text(shown, encoding="ascii")
            monkeypatch.setenv("SSL_CERT_FILE", str(file))
        shop.only("jira")
        shop.tracker("jira", url=address)

    return make


def may_not_read(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    shop.sandbox.github.visible = False


def token_file(name: str, text: str | None) -> Make:
    def make(shop: Shop, _: pytest.MonkeyPatch) -> None:
        shop.only("github")
        shop.tracker("github", token=None, token_file=name)
        if text is not None:
            (shop.folder / name).write_text(text, encoding="utf-8")

    return make


SSO = {"x-github-sso": "required; url=https://github.com/orgs/acme/sso?authorization_request=AXB"}
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-limit": "60", "retry-after": "3000"}

KNOWN = {
    "a variable that is not set": Mistake(
        variable("github", "GITHUB_TOKEN", None), "GITHUB_TOKEN is not set", FILE, "export GITHUB_TOKEN"
    ),
    "a variable that is empty": Mistake(variable("github", "GITHUB_TOKEN", ""), "empty", FILE, "GITHUB_TOKEN"),
    "no token at all": Mistake(setting("github", token=None), "no token", FILE, "${GITHUB_TOKEN}"),
    "an expired token": Mistake(
        variable("github", "GITHUB_TOKEN", "ghp_expired0123456789"),
        "does not accept the credential",
        "github",
        "expired",
        code=4,
    ),
    "an expired token of Jira": Mistake(
        variable("jira", "JIRA_TOKEN", "ATATTexpired0123456789"),
        "does not accept the credential",
        "jira",
        "expired",
        code=4,
    ),
    "GitHub's token at Jira": Mistake(
        variable("jira", "JIRA_TOKEN", "ghp_sesame0123456789"), "GitHub", "trackers.jira", "API token"
    ),
    "Jira's token at GitHub": Mistake(
        variable("github", "GITHUB_TOKEN", "ATATTinvalid9876543210"),
        "does not accept the credential",
        "github",
        "meant for this host",
        code=4,
    ),
    "a token with a line break in it": Mistake(
        variable("github", "GITHUB_TOKEN", "ghp_sesame\n0123456789"), "one word", "trackers.github", "line breaks"
    ),
    "a token in quotes": Mistake(
        variable("github", "GITHUB_TOKEN", '"ghp_sesame0123456789"'), "quotes", "trackers.github", "without"
    ),
    "a token with Bearer before it": Mistake(
        variable("github", "GITHUB_TOKEN", "Bearer ghp_sesame0123456789"),
        "one word",
        "trackers.github",
        "without Bearer",
    ),
    "an address as token": Mistake(
        variable("jira", "JIRA_TOKEN", "https://acme.atlassian.net"), "address", "trackers.jira", "token"
    ),
    "an e-mail address as token": Mistake(
        variable("jira", "JIRA_TOKEN", "bot@acme.example"), "e-mail address", "trackers.jira", "`email`"
    ),
    "a token as address": Mistake(setting("github", url="ghp_sesame0123456789"), "no URL", FILE, "write https://HOST"),
    "a token as e-mail address": Mistake(
        setting("jira", email="ATATTsesame9876543210"), "e-mail address", FILE, "`email`"
    ),
    "a token file that is not there": Mistake(token_file("token.txt", None), "token.txt", FILE, "token_file"),
    "a token file that is empty": Mistake(token_file("token.txt", "\n"), "empty", "token.txt", "token"),
    "Jira Cloud without an e-mail address": Mistake(
        setting("jira", url="https://acme.atlassian.net", email=None), "e-mail", FILE, "`email`"
    ),
    "a Jira account that may not browse": Mistake(may_not_browse, "hidden", "SHOP", "Browse projects", code=4),
    "a GitHub account that may not read": Mistake(may_not_read, "404", "acme/shop", "token", code=4),
    "a read-only token with writes": Mistake(
        may_not_push, "may be read but not written", "acme/shop", "writes: none", code=4, command=("doctor",)
    ),
    "an organisation that wants SSO": Mistake(
        answered("github", 403, "Resource protected by organization SAML enforcement.", SSO),
        "single sign-on",
        "acme/shop",
        "https://github.com/orgs/acme/sso",
        code=4,
    ),
    "a Jira that wants a CAPTCHA": Mistake(captcha, "CAPTCHA", "jira", "browser", code=4),
    "a rate limit that is used up": Mistake(
        answered("github", 403, "API rate limit exceeded for user ID 1.", SPENT),
        "rate limit is used up",
        "127.0.0.1",
        "run again",
        code=4,
    ),
    "a rate limit of Jira that is used up": Mistake(
        answered("jira", 429, "Rate limit exceeded.", {"retry-after": "3000"}),
        "rate limit is used up",
        "127.0.0.1",
        "run again",
        code=4,
    ),
    "a certificate signed by itself": Mistake(
        untrusted("itself"), "signed by itself", "localhost:", "SSL_CERT_FILE", code=4
    ),
    "a certificate that has expired": Mistake(untrusted("expired"), "has expired", "localhost:", "renewed", code=4),
    "a certificate of another host": Mistake(untrusted("other"), "another name", "localhost:", "`url`", code=4),
    "a clock that is off by an hour": Mistake(
        slow_clock, "ahead of the tracker's", "clock", "set it by NTP", code=0, command=("doctor",)
    ),
    "a token that stands in the file": Mistake(
        plainly, "as plain text", FILE, "${GITHUB_TOKEN}", code=0, command=("doctor",)
    ),
    "a status with a slip": Mistake(
        status_with_a_slip,
        'no configured project has the status "In Progess"',
        "jira",
        '"In Progress"',
        code=4,
        command=("doctor",),
    ),
    "a scope that the token lacks": Mistake(
        answered(
            "github",
            403,
            "Resource not accessible by personal access token",
            {"x-accepted-github-permissions": "issues=read"},
            "/issues$",
        ),
        "issues=read",
        "acme/shop",
        "give the token",
        code=4,
    ),
}
