"""A GitHub App from the command line: its key read beside the configuration, its mistakes named, its secrets kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from github_apps import CLIENT, keys, registered
from trackersync.sandbox.github.hub import App

if TYPE_CHECKING:
    from product import Shop


@pytest.fixture
def app(shop: Shop) -> App:
    made = registered(shop.sandbox.github)
    made.long = True
    made.install("acme", {"issues": "write", "metadata": "read"})
    return made


def configured(shop: Shop, **more: Any) -> None:  # noqa: ANN401  # what the settings take
    shop.tracker("github", token=None, app={"client_id": CLIENT, **more})


def secret_free(said: str) -> None:
    body = keys()[0].splitlines()[1:-1]
    assert not [line for line in body if line in said]


def test_its_key_is_read_from_a_file_beside_the_configuration(
    shop: Shop, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.folder.joinpath("keys").mkdir()
    shop.folder.joinpath("keys", "app.pem").write_text(keys()[0], encoding="utf-8")
    configured(shop, private_key_file="keys/app.pem")
    elsewhere = shop.folder.joinpath("elsewhere")
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    done = shop.run("plan", "--config", str(shop.file))

    assert done.code == 0, done.said
    assert "13 changes in 12 of 48 tasks" in done.out
    assert app.given == 1, "one token for the whole run"
    secret_free(done.said)


def test_its_key_may_come_by_a_variable_that_has_no_line_breaks(
    shop: Shop, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_KEY", keys()[0].replace("\n", "\\n"))
    configured(shop, private_key="${APP_KEY}")
    digest = shop.json("plan")["digest"]
    done = shop.run("sync", "--approve", digest)

    assert done.code == 0, done.said
    assert app.given == 2
    assert "stage: verify" in shop.sandbox.github.issue(15).labels


MISTAKES = [
    ({"private_key_file": "no.pem"}, "the file of `private_key` no.pem does not exist"),
    ({"private_key_file": "half.pem"}, "this is no whole RSA key"),
    ({"private_key": "sesame"}, "this is no whole RSA key"),
    ({}, "give private_key or private_key_file"),
    ({"private_key": keys()[0], "private_key_file": "whole.pem"}, "give private_key or private_key_file"),
    ({"private_key_file": "locked.pem"}, "locked with a passphrase"),
    ({"private_key_file": "whole.pem", "installation": 0}, "this must be at least 1"),
]


@pytest.mark.parametrize(("part", "words"), MISTAKES)
def test_a_mistake_in_it_is_named_with_its_line_and_nothing_is_asked(
    shop: Shop, part: dict[str, Any], words: str
) -> None:
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  # only here

    key = form.load_pem_private_key(keys()[0].encode(), None)
    locked = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"sesame"))
    shop.folder.joinpath("locked.pem").write_bytes(locked)
    shop.folder.joinpath("whole.pem").write_text(keys()[0], encoding="utf-8")
    shop.folder.joinpath("half.pem").write_text(keys()[0][:700], encoding="utf-8")
    configured(shop, **part)
    done = shop.run("check")

    assert done.code == 2
    assert words in done.said
    assert "1 problem" in done.said
    assert shop.sandbox.github.requests == []
    secret_free(done.said)


def test_a_token_as_well_is_one_credential_too_many(shop: Shop) -> None:
    shop.tracker("github", app={"client_id": CLIENT, "private_key": keys()[0]})
    done = shop.run("check")
    assert done.code == 2
    assert "keep one of the two" in done.said
    secret_free(done.said)


def test_an_app_that_is_not_installed_stops_this_tracker_and_says_so(shop: Shop) -> None:
    registered(shop.sandbox.github)
    configured(shop, private_key=keys()[0])
    done = shop.run("check")

    assert done.code == 4
    assert "the App is not installed there" in done.said
    secret_free(done.said)


def test_an_exclusion_without_quotes_is_told_to_be_quoted(shop: Shop) -> None:
    text = shop.file.read_text(encoding="utf-8").replace("- acme/shop", "- acme/*\n    - !acme/archive-*", 1)
    shop.file.write_text(text, encoding="utf-8")
    done = shop.run("check")
    assert done.code == 2
    assert "quote what begins with !" in done.said
