"""``check OWNER/REPO`` and ``check --jira URL --project KEY``: no file, and where it is public no token."""

from __future__ import annotations

import os
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

import pytest

from product import TOKENS, invoke, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from product import Shop


@pytest.fixture
def bare(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the shop is up, with tokens in the environment."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_API_URL", shop.sandbox.github_url)
    return folder


def test_a_repository_needs_no_file(shop: Shop, bare: Path) -> None:
    done = invoke("check", "acme/shop")
    assert done.code == 1, done.said
    first = done.out.splitlines()[0]
    assert first == "no trackersync.yaml: preset kanban, stages read from the labels found; token from GITHUB_TOKEN"
    assert "github acme/shop 42 items; complete" in done.said
    assert "jira" not in done.said
    assert "trackersync init acme/shop" in done.said
    assert (shop.writes, list(bare.iterdir())) == (0, [])


def test_stages_are_read_from_the_labels_found(shop: Shop, bare: Path) -> None:
    record = invoke("check", "acme/shop", "--format", "json", "--fail-on", "never").record
    rules = {finding["rule"] for finding in record["findings"]}
    # Two people on one issue, and two labels of one workflow: neither is seen without knowing the labels' stages.
    assert {"no-owner", "many-owners", "clashing-stage-labels"} <= rules
    # Kanban: nobody has to own what waits to be pulled.
    backlog = [one for one in record["findings"] if one["rule"] == "no-owner" and one["stage"] in {"backlog", "ready"}]
    assert backlog == []


def test_a_jira_needs_no_file(shop: Shop, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_EMAIL", "bot@acme.example")
    done = invoke("check", "--jira", f"{shop.sandbox.jira_url}/browse/SHOP-1")
    assert done.code == 1, done.said
    assert "stages read from the statuses found; token from JIRA_TOKEN" in done.out.splitlines()[0]
    assert "jira SHOP 44 items; complete" in done.said
    assert f"trackersync init --jira {shop.sandbox.jira_url} --project SHOP" in done.said
    assert (shop.writes, list(bare.iterdir())) == (0, [])


def test_both_at_once(shop: Shop, bare: Path) -> None:
    done = invoke(
        "check", "acme/shop", "--jira", shop.sandbox.jira_url, "--project", "shop", "--email", "bot@acme.example"
    )
    assert "github: token from GITHUB_TOKEN; jira: token from JIRA_TOKEN" in done.said
    assert " linked; " in done.said
    assert "github acme/shop 42 items, jira SHOP 44 items; both complete; " in done.said


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_what_is_public_needs_no_token(shop: Shop, tmp_path: Path, tracker: str) -> None:
    none = dict.fromkeys(("GITHUB_TOKEN", "GH_TOKEN", "JIRA_TOKEN"), "")
    # No `gh` either, whoever runs this.
    nowhere = {"PATH": str(tmp_path), "GITHUB_API_URL": shop.sandbox.github_url}
    shop.sandbox.jira.premises = replace(shop.sandbox.jira.premises, public="data center")
    named = ["acme/shop"] if tracker == "github" else ["--jira", shop.sandbox.jira_url, "--project", "SHOP"]
    done = spawn(tmp_path, "check", *named, **none, **nowhere)
    assert done.code == 1, done.said
    assert "; no token" in done.out.splitlines()[0]
    assert "items; complete" in done.said


def test_a_first_look_waits_for_no_hour(shop: Shop, tmp_path: Path) -> None:
    shop.sandbox.github.hub.unsigned_hourly = 1
    gone = {"GITHUB_TOKEN": "", "GH_TOKEN": "", "PATH": str(tmp_path)}
    done = spawn(tmp_path, "check", "acme/shop", GITHUB_API_URL=shop.sandbox.github_url, **gone)
    assert done.code == 4
    assert "60" in done.said
    assert "GITHUB_TOKEN" in done.said


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for gh")
def test_the_token_of_githubs_own_command_line_is_used(shop: Shop, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "gh"
    script.parent.mkdir()
    script.write_text(
        '#!/bin/sh\n[ "$1 $2 $3" = "auth token --hostname" ] && echo ghp_sesame0123456789\n', encoding="utf-8"
    )
    script.chmod(0o755)
    gone = {"GITHUB_TOKEN": "", "GH_TOKEN": "", "PATH": f"{script.parent}:{os.environ['PATH']}"}
    done = spawn(tmp_path, "check", "acme/shop", GITHUB_API_URL=shop.sandbox.github_url, **gone)
    assert "token from `gh auth token`" in done.out.splitlines()[0]
    assert done.code == 1, done.said


def test_with_a_store_the_next_look_reads_what_changed(shop: Shop, bare: Path) -> None:
    assert invoke("check", "acme/shop", "--store", "looks.db").code == 1
    done = invoke("check", "acme/shop", "--store", "looks.db")
    assert "github 0 changed" in done.said
    offline = invoke("check", "acme/shop", "--store", "looks.db", "--offline")
    assert "from the store" in offline.said
    assert [file.name for file in bare.iterdir() if file.suffix == ".yaml"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["acme"], "OWNER/REPO a repository is named OWNER/NAME", id="no repository"),
        pytest.param(["acme/shop", "--config", "x.yaml"], "x.yaml names its own", id="a file as well"),
        pytest.param(["acme/shop", "--offline"], "without a file nothing is kept", id="offline without a store"),
        pytest.param(["--jira", "https://jira.acme.example"], "which projects (--project KEY)", id="no project"),
        pytest.param(
            ["--jira", "http://jira.acme.example", "--project", "SHOP"], "--jira: http:// would send", id="http"
        ),
        pytest.param(["--email", "a@acme.example"], "--email belongs to a tracker", id="half a Jira"),
        pytest.param(["--github-url", "https://git.acme.example/api/v3"], "name it by OWNER/REPO", id="half a GitHub"),
        pytest.param(["acme/shop", "--delivery", "kanbn"], 'did you mean "kanban"?', id="a process that is not there"),
        pytest.param(
            ["https://github.com/acme/shop", "https://git.acme.example/acme/x"], "repositories of 2 GitHubs", id="two"
        ),
        pytest.param(["acme/nothing"], "Check OWNER/REPO and GITHUB_TOKEN", id="a repository that is not there"),
        pytest.param(["--jira", ""], "--jira: this is no URL", id="a variable of the shell that is not set"),
        pytest.param(["acme/shop", "--project", "SHOP"], "next there are: acme/shop", id="--jira forgotten"),
    ],
)
def test_what_cannot_be_looked_at_is_said(shop: Shop, bare: Path, arguments: list[str], words: str) -> None:
    done = invoke("check", *arguments)
    assert done.code in {2, 4}, done.said
    assert words in done.said
    assert (shop.writes, list(bare.iterdir())) == (0, [])


def test_a_password_in_an_address_is_refused_and_not_shown(bare: Path) -> None:
    done = invoke("check", "--jira", "https://me:LEAKED123@jira.acme.example/")
    assert done.code == 2
    assert "--jira: a URL must not hold credentials" in done.said
    assert "LEAKED" not in done.said


def test_offline_asks_no_tracker(shop: Shop, bare: Path) -> None:
    invoke("check", "acme/shop", "--store", "looks.db")
    before = shop.reads
    done = invoke("check", "acme/shop", "--store", "looks.db", "--offline")
    assert "33 open tasks no owner 11" in done.said
    assert shop.reads == before


class Stranger(BaseHTTPRequestHandler):
    """Some host, which writes down who speaks to it."""

    heard: ClassVar[list[str]] = []

    def do_GET(self) -> None:  # the name that the base class calls
        """Know nothing."""
        self.heard.append(self.headers.get("Authorization", ""))
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[str]:
    Stranger.heard.clear()
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_token_is_not_sent_to_a_host_that_was_only_pasted(bare: Path, stranger: str) -> None:
    done = invoke("check", f"{stranger}/acme/shop")
    assert done.code == 4
    assert "set GITHUB_TOKEN if it is not public" in done.said
    assert set(Stranger.heard) == {""}
    invoke("init", f"{stranger}/acme/shop", "--yes")
    assert set(Stranger.heard) == {""}
    invoke("check", "acme/shop", "--github-url", stranger)
    assert f"Bearer {TOKENS['GITHUB_TOKEN']}" in Stranger.heard, "whoever names an API means it"


def test_without_a_token_what_is_hidden_names_the_variable(
    shop: Shop, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIRA_TOKEN")
    done = invoke("check", "--jira", shop.sandbox.jira_url, "--project", "SHOP")
    assert done.code == 4
    assert "set JIRA_TOKEN (at Jira Cloud also JIRA_EMAIL) if it is not public" in done.said
    assert "`" not in done.said.replace("`trackersync", ""), "there is no file whose keys could be named"
