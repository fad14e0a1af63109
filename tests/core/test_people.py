"""Who an account belongs to."""

from __future__ import annotations

import pytest
from world import PEOPLE, person

from trackersync.core.people import Directory, Holders


@pytest.mark.parametrize(
    ("tracker", "accounts", "expected"),
    [
        pytest.param("github", (), Holders((), ()), id="nobody"),
        pytest.param("github", ("github:ada-l",), Holders(("ada-l",), ()), id="a person by their name everywhere"),
        pytest.param("github", ("GitHub:ADA-L",), Holders(("ada-l",), ()), id="accounts know no case"),
        pytest.param("jira", ("github:ada-l",), Holders((), ("github:ada-l",)), id="an account of another tracker"),
        pytest.param("github", ("octocat",), Holders((), ("octocat",)), id="an account nobody mapped is kept as it is"),
        pytest.param(
            "github", ("github:kath-j", "github:kath-work"), Holders(("kath-j",), ()), id="two accounts, one person"
        ),
        pytest.param(
            "github",
            ("github:grace-h", "octocat", "github:ada-l"),
            Holders(("grace-h", "ada-l"), ("octocat",)),
            id="in the item's own order",
        ),
        pytest.param("board", ("github:radia-p",), Holders((), ("github:radia-p",)), id="a tracker they are not in"),
    ],
)
def test_accounts_are_told_from_strangers(tracker: str, accounts: tuple[str, ...], expected: Holders) -> None:
    assert PEOPLE.holders(tracker, accounts) == expected
    assert PEOPLE.holders(tracker, list(accounts)) == expected, "asked again, the answer is the same"


def test_nobody_is_neither_a_person_nor_a_stranger() -> None:
    assert PEOPLE.holders("github", ()).nobody
    assert not PEOPLE.holders("github", ("octocat",)).nobody
    assert not PEOPLE.holders("github", ("github:ada-l",)).nobody


def test_the_first_account_is_the_one_to_write() -> None:
    assert PEOPLE.accounts("kath-j", "github") == ("github:kath-j", "github:kath-work")
    assert PEOPLE.accounts("radia-p", "github") == ()
    assert PEOPLE.accounts("no one", "github") == ()


def test_accounts_are_configured_in_any_case() -> None:
    assert Directory([person("ada-l", github=("Ada-L",))]).holders("github", ["ada-l"]).known == ("ada-l",)


def test_a_name_is_found_by_account() -> None:
    assert PEOPLE.name("github", "github:kath-WORK") == "kath-j"
    assert PEOPLE.name("jira", "github:kath-work") is None


def test_names_are_ranked_as_configured_and_the_unknown_come_last() -> None:
    directory = Directory([person("grace-h", "github"), person("ada-l", "github")])
    assert directory.ranked(["zoe", "ada-l", "bob", "grace-h"]) == ["grace-h", "ada-l", "bob", "zoe"]
