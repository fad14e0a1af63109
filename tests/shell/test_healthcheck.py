"""A job that tells a healthcheck when it begins and how it ends; and a healthcheck that is dead, slow or misspelt."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import typer
from healthchecked import CHECK, Healthcheck, listening

from product import begin, interrupt, invoke, spawn
from trackersync.cli.exits import Exit
from trackersync.cli.healthcheck import VARIABLE, watched

if TYPE_CHECKING:
    from pathlib import Path

    from product import Ran, Shop


@pytest.fixture
def healthcheck() -> Iterator[Healthcheck]:
    with listening() as check:
        yield check


def secret(done: Ran) -> bool:
    return CHECK not in done.out + done.err


def test_a_run_that_works_is_told_at_its_beginning_and_at_its_end(shop: Shop, healthcheck: Healthcheck) -> None:
    assert shop.run("plan", "--healthcheck-url", healthcheck.url).code == 0
    assert healthcheck.heard == ["/start", ""]


def test_the_beginning_is_told_while_it_runs(healthcheck: Healthcheck) -> None:
    with watched(healthcheck.url):
        deadline = time.monotonic() + 5
        while not healthcheck.heard and time.monotonic() < deadline:
            time.sleep(0.02)
        assert healthcheck.heard == ["/start"]


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        pytest.param(("check",), 1, "", id="findings are what a check is for"),
        pytest.param(("sync",), 3, "/3", id="held"),
        pytest.param(("sync", "--dry-run"), 0, "", id="dry run"),
        pytest.param(("sync", "--config", "nowhere.yaml"), 2, "/2", id="no configuration"),
        pytest.param(("check", "--format", "yaml"), 2, "/2", id="no such format"),
    ],
)
def test_what_it_ended_with_is_told(
    shop: Shop, healthcheck: Healthcheck, command: tuple[str, ...], code: int, told: str
) -> None:
    done = shop.run(*command, "--healthcheck-url", healthcheck.url)
    assert (done.code, healthcheck.heard) == (code, ["/start", told])
    assert secret(done)


def test_credentials_that_are_refused_are_told(
    shop: Shop, healthcheck: Healthcheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "expired")
    assert shop.run("check", "--healthcheck-url", healthcheck.url).code == 4
    assert healthcheck.heard == ["/start", "/4"]


def test_a_fault_of_ours_is_told_as_a_failure_and_not_as_findings(healthcheck: Healthcheck) -> None:
    with pytest.raises(ZeroDivisionError), watched(healthcheck.url):
        raise ZeroDivisionError
    assert healthcheck.heard == ["/start", "/fail"]


def test_of_a_run_that_gave_way_to_another_only_the_beginning_is_told(healthcheck: Healthcheck) -> None:
    with pytest.raises(typer.Exit), watched(healthcheck.url):
        raise typer.Exit(Exit.BUSY)
    deadline = time.monotonic() + 5
    while not healthcheck.heard and time.monotonic() < deadline:
        time.sleep(0.02)
    assert healthcheck.heard == ["/start"]


def test_the_variable_does_the_same(shop: Shop, healthcheck: Healthcheck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, healthcheck.url)
    assert shop.run("plan").code == 0
    assert healthcheck.heard == ["/start", ""]
    assert shop.run("status").code == 0, "a command that is no job tells nobody"
    assert len(healthcheck.heard) == 2


def test_a_query_stays_behind_the_path(healthcheck: Healthcheck) -> None:
    with watched(f"{healthcheck.url}/?create=1"):
        pass
    assert healthcheck.heard == ["/start?create=1", "/?create=1"]


def test_a_healthcheck_that_is_busy_is_told_again(healthcheck: Healthcheck, capsys: pytest.CaptureFixture[str]) -> None:
    healthcheck.answers += [503]
    with watched(healthcheck.url):
        pass
    assert healthcheck.heard == ["/start", "/start", ""]
    assert capsys.readouterr().err == ""


def test_one_that_does_not_know_the_check_is_asked_once_and_named_without_its_path(
    shop: Shop, healthcheck: Healthcheck
) -> None:
    healthcheck.answers += [404, 404]
    done = shop.run("plan", "--quiet", "--healthcheck-url", healthcheck.url)
    assert (done.code, healthcheck.heard) == (0, ["/start", ""])
    assert done.err == "The healthcheck was not told how this ended. 127.0.0.1: it answers 404.\n"


def test_a_dead_one_changes_nothing_and_costs_a_few_seconds(shop: Shop) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        began = time.monotonic()
        done = shop.run("plan", "--healthcheck-url", f"http://127.0.0.1:{nobody.getsockname()[1]}/{CHECK}")
    assert done.code == 0
    assert "127.0.0.1: nothing listens there." in done.said
    assert secret(done)
    assert time.monotonic() - began < 12


def test_one_that_takes_connections_and_says_nothing_is_left_after_a_few_seconds(
    healthcheck: Healthcheck, capsys: pytest.CaptureFixture[str]
) -> None:
    healthcheck.hangs = True
    began = time.monotonic()
    with watched(healthcheck.url):
        pass
    assert time.monotonic() - began < 8
    assert "127.0.0.1: no answer in time." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "text"), [("SSL_CERT_FILE", "authorities.pem"), ("HTTPS_PROXY", "nonsense://proxy.acme.example")]
)
def test_an_environment_in_which_nothing_can_be_asked_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, text: str
) -> None:
    (folder / "authorities.pem").write_text("none\n")
    monkeypatch.setenv(variable, text)
    with watched(f"https://hc.acme.example/{CHECK}"):
        pass
    assert "hc.acme.example: no connection can be made from here" in capsys.readouterr().err


def test_where_it_has_moved_to_is_told(healthcheck: Healthcheck) -> None:
    with listening() as old:
        old.moved = healthcheck.url
        with watched(old.url):
            pass
    assert healthcheck.heard == ["/start", ""]


def test_one_that_leads_to_itself_is_given_up_at_once(
    healthcheck: Healthcheck, capsys: pytest.CaptureFixture[str]
) -> None:
    healthcheck.moved = healthcheck.url
    with watched(healthcheck.url):
        pass
    assert "127.0.0.1: it redirects to no address that answers." in capsys.readouterr().err
    assert healthcheck.asked <= 12


@pytest.mark.parametrize(
    "url", ["hc-ping.com/" + CHECK, "ftp://hc-ping.com/" + CHECK, "https://", "http://hc-ping.com:port/" + CHECK]
)
def test_a_url_that_is_none_is_said_before_anything_is_done_and_not_repeated(shop: Shop, url: str) -> None:
    done = shop.run("sync", "--healthcheck-url", url)
    assert (done.code, shop.reads) == (2, 0)
    assert "no address to send requests to" in done.said
    assert secret(done)
    assert shop.json("sync", "--healthcheck-url", url, code=2)["error"]["exit"] == 2


def test_an_unset_variable_that_is_empty_tells_nobody(folder: Path) -> None:
    done = spawn(folder, "plan", **{VARIABLE: ""})
    assert (done.code, "no address" in done.said) == (2, False)


def test_a_run_that_is_stopped_tells_it(shop: Shop, healthcheck: Healthcheck) -> None:
    shop.sandbox.github.latency = 200
    child = begin(shop.folder, "sync", "--yes", "--healthcheck-url", healthcheck.url)
    deadline = time.monotonic() + 20
    while not (healthcheck.heard and shop.reads) and time.monotonic() < deadline:
        time.sleep(0.02)
    done = interrupt(child)
    assert (done.code, healthcheck.heard) == (130, ["/start", "/130"])
    assert secret(done)


def test_help_says_the_variable(folder: Path) -> None:
    assert VARIABLE in invoke("sync", "--help").said
