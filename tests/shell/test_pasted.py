"""What people paste where an address is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackersync.cli.pasted import Repository, Site, jira, repository

DOTCOM = "https://api.github.com"


@pytest.mark.parametrize(
    ("text", "name", "url"),
    [
        pytest.param("acme/shop", "acme/shop", None, id="a name"),
        pytest.param(" acme/shop ", "acme/shop", None, id="a name with spaces around it"),
        pytest.param("acme/*", "acme/*", None, id="a pattern"),
        pytest.param("https://github.com/acme/shop", "acme/shop", DOTCOM, id="its page"),
        pytest.param("HTTPS://GitHub.com/acme/shop/", "acme/shop", DOTCOM, id="its page, in capitals"),
        pytest.param("https://www.github.com/acme/shop/issues/12?q=x#y", "acme/shop", DOTCOM, id="an issue's page"),
        pytest.param("github.com/acme/shop", "acme/shop", DOTCOM, id="without a scheme"),
        pytest.param("https://github.com/acme/shop.git", "acme/shop", DOTCOM, id="what one clones"),
        pytest.param("git@github.com:acme/shop.git", "acme/shop", DOTCOM, id="what git calls a remote"),
        pytest.param(
            "ssh://git@git.acme.example:2222/acme/shop.git", "acme/shop", "https://git.acme.example/api/v3", id="ssh"
        ),
        pytest.param("https://api.github.com/repos/acme/shop", "acme/shop", DOTCOM, id="the API's address"),
        pytest.param(
            "https://git.acme.example/acme/shop",
            "acme/shop",
            "https://git.acme.example/api/v3",
            id="a server of one's own",
        ),
        pytest.param(
            "https://git.acme.example/api/v3/repos/acme/shop",
            "acme/shop",
            "https://git.acme.example/api/v3",
            id="its API",
        ),
        pytest.param("https://acme.ghe.com/acme/shop", "acme/shop", "https://api.acme.ghe.com", id="data residency"),
        pytest.param("acme", "acme", None, id="no repository: the configuration says what is missing"),
        pytest.param("https://[github.com/acme", "https://[github.com/acme", None, id="no address at all"),
    ],
)
def test_a_repository(text: str, name: str, url: str | None) -> None:
    assert repository(text) == Repository(name, url)


@pytest.mark.parametrize(
    ("text", "url", "project"),
    [
        pytest.param("https://acme.atlassian.net", "https://acme.atlassian.net", "", id="the site"),
        pytest.param("acme.atlassian.net", "https://acme.atlassian.net", "", id="without a scheme"),
        pytest.param("https://acme.atlassian.net/", "https://acme.atlassian.net", "", id="with a slash"),
        pytest.param(
            "https://acme.atlassian.net/jira/software/c/projects/SHOP/boards/1",
            "https://acme.atlassian.net",
            "SHOP",
            id="a board",
        ),
        pytest.param("https://acme.atlassian.net/browse/SHOP-12", "https://acme.atlassian.net", "SHOP", id="an issue"),
        pytest.param(
            "https://acme.atlassian.net/browse/shop-12?x=1", "https://acme.atlassian.net", "SHOP", id="in small letters"
        ),
        pytest.param(
            "https://acme.atlassian.net/rest/api/3/issue/SHOP-1", "https://acme.atlassian.net", "SHOP", id="the API"
        ),
        pytest.param(
            "https://jira.acme.example/jira/browse/SHOP-12", "https://jira.acme.example/jira", "SHOP", id="below a path"
        ),
        pytest.param(
            "https://jira.acme.example/jira/projects/SHOP/issues",
            "https://jira.acme.example/jira",
            "SHOP",
            id="a project",
        ),
        pytest.param(
            "https://jira.acme.example/secure/RapidBoard.jspa?rapidView=3&projectKey=SHOP",
            "https://jira.acme.example",
            "SHOP",
            id="a board of Data Center",
        ),
        pytest.param(
            "https://jira.acme.example/secure/Dashboard.jspa", "https://jira.acme.example", "", id="the dashboard"
        ),
        pytest.param("http://127.0.0.1:4102", "http://127.0.0.1:4102", "", id="a stand-in"),
        pytest.param(
            "ftp://jira.acme.example",
            "ftp://jira.acme.example",
            "",
            id="another scheme is the configuration's to refuse",
        ),
    ],
)
def test_a_jira(text: str, url: str, project: str) -> None:
    assert jira(text) == Site(url, project)


@given(st.text(max_size=60) | st.from_regex(r"https?://\S{0,40}"))
def test_whatever_is_pasted_is_no_crash(text: str) -> None:
    repository(text)
    jira(text)


@given(st.from_regex(r"https://[a-z]{1,8}\.example(/[a-z]{1,8})?", fullmatch=True))
def test_an_address_that_is_right_stays_what_it_is(url: str) -> None:
    assert jira(url).url == url
