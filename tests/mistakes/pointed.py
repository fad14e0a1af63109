"""Mistakes in where a tracker is and what lies in it: addresses, repositories, projects."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from mistakes.mistake import Make, Mistake, edit, setting
from trackersync.sandbox import answer

if TYPE_CHECKING:
    import pytest

    from product import Shop

FILE = "trackersync.yaml:"
LOGIN = "<html><head><title>Sign in to your company</title></head><body>please</body></html>"


def closed_port(shop: Shop, _: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    shop.only("jira")
    shop.tracker("jira", url=f"http://127.0.0.1:{port}")


def login_page(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    shop.sandbox.github.faults.add(answer(200, LOGIN, {"content-type": "text/html"}), times=10_000)


def redirect(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("jira")
    there = {"location": "https://login.acme.example/sso?next=%2F"}
    shop.sandbox.jira.faults.add(answer(302, "", there), times=10_000)


def no_api(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    page = answer(404, "<html><body>Page not found</body></html>", {"content-type": "text/html"})
    shop.sandbox.github.faults.add(page, times=10_000)


def https_for_http(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    shop.tracker("github", url=shop.sandbox.github_url.replace("http://", "https://"))


def no_issues(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.only("github")
    gone = '{"message": "Issues has been disabled in this repository.", "status": "410"}'
    shop.sandbox.github.faults.add(answer(410, gone), path="/issues$", times=10_000)


def dead_proxy(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    shop.only("jira")
    shop.tracker("jira", url="https://jira.acme.example")


def variable(name: str, text: str) -> Make:
    def make(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, text)

    return make


def repository(name: str) -> Make:
    return edit("- acme/shop", f"- {name}")


POINTED = {
    "the address of GitHub's pages": Mistake(
        setting("github", url="https://github.com"), "pages", FILE, "https://api.github.com"
    ),
    "the address of a repository": Mistake(
        setting("github", url="https://github.com/acme/shop"), "pages", FILE, "https://api.github.com"
    ),
    "GitHub Enterprise without /api/v3": Mistake(no_api, "404", "acme/shop", "/api/v3", code=4),
    "an address without a scheme": Mistake(
        setting("jira", url="acme.atlassian.net"), "no URL", FILE, "write https://HOST"
    ),
    "http for https": Mistake(setting("jira", url="http://acme.atlassian.net"), "unencrypted", FILE, "write https://"),
    "https for http": Mistake(https_for_http, "does not speak TLS", "127.0.0.1:", "http://", code=4, slow=True),
    "a Jira's address with /browse": Mistake(
        setting("jira", url="https://acme.atlassian.net/browse/SHOP-1"), "/browse", FILE, "https://acme.atlassian.net"
    ),
    "a Jira's address with /rest": Mistake(
        setting("jira", url="https://acme.atlassian.net/rest/api/3"), "/rest", FILE, "https://acme.atlassian.net"
    ),
    "a Jira Cloud with /jira": Mistake(
        setting("jira", url="https://acme.atlassian.net/jira"),
        "answers at its host",
        FILE,
        "write https://acme.atlassian.net",
    ),
    "a board's address": Mistake(
        setting("jira", url="https://acme.atlassian.net/jira/software/projects/SHOP/boards/1"),
        "answers at its host",
        FILE,
        "write https://acme.atlassian.net",
    ),
    "a host that does not exist": Mistake(
        setting("jira", url="https://acme-shop.invalid", email=None),
        "no such host",
        "acme-shop.invalid",
        "`url`",
        code=4,
        slow=True,
    ),
    "a port where nothing listens": Mistake(closed_port, "nothing listens", "127.0.0.1:", "`url`", code=4, slow=True),
    "an address that answers a login page": Mistake(login_page, "HTML page", "/repos/acme/shop", "`url`", code=4),
    "an address that sends to a login": Mistake(
        redirect, "points to https://login.acme.example", "127.0.0.1", "`url`", code=4
    ),
    "a proxy that is not there": Mistake(
        dead_proxy, "nothing listens there", "jira.acme.example", "HTTPS_PROXY", code=4, slow=True
    ),
    "a proxy that speaks SOCKS": Mistake(
        variable("HTTPS_PROXY", "socks5://me:sesame@proxy.acme.example:1080"), "speaks SOCKS", "HTTPS_PROXY", "socksio"
    ),
    "a proxy that is no address": Mistake(
        variable("HTTPS_PROXY", "http://proxy.acme.example:port"), "no address that", "HTTPS_PROXY", "http://HOST"
    ),
    "a proxy without a host": Mistake(variable("ALL_PROXY", "://"), "no address that", "ALL_PROXY", "http://HOST"),
    "a network of IPv6 that needs no proxy": Mistake(
        variable("NO_PROXY", "localhost,fd00::/8"), "no address that", "NO_PROXY", "IPv6"
    ),
    "an authority's file that is not there": Mistake(
        variable("SSL_CERT_FILE", "missing.pem"), "no file of certificates", "missing.pem", "unset SSL_CERT_FILE"
    ),
    "an authority's file with something else in it": Mistake(
        variable("SSL_CERT_FILE", "trackersync.yaml"), "no file of", "trackersync.yaml", "(PEM)", command=("doctor",)
    ),
    "a repository with a slip": Mistake(repository("acme/shoe"), "acme/shoe", "404", "repositories", code=4),
    "a repository without its owner": Mistake(repository("shop"), "shop", FILE, "OWNER/"),
    "a repository's address": Mistake(repository("https://github.com/acme/shop"), "https://", FILE, "acme/shop"),
    "a repository with .git": Mistake(repository("acme/shop.git"), "404", "acme/shop.git", "without the .git", code=4),
    "issues that are switched off": Mistake(no_issues, "switched off", "acme/shop", "settings", code=4),
    "a project's key in lower case": Mistake(edit("- SHOP", "- shop"), "capitals", FILE, "write SHOP"),
    "a project's name in place of its key": Mistake(edit("- SHOP", "- Sample Shop"), "key", FILE, "SHOP"),
    "a board's number in place of a project": Mistake(edit("- SHOP", '- "12"'), "key", FILE, "SHOP-42"),
    "an issue's key in place of a project": Mistake(edit("- SHOP", "- SHOP-42"), "key", FILE, "SHOP"),
    "a project that is not there": Mistake(edit("- SHOP", "- SHOE"), "SHOE", "jira", "Browse projects", code=4),
}
