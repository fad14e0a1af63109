"""Where the Action keeps its environment and its store: under names that nobody else's text can bend."""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from action_words import read_pairs
from strangers import HOSTILE

from product import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ask = Callable[..., dict[str, str]]


def _loaded() -> Any:  # noqa: ANN401  # a script that is no part of a package
    spec = importlib.util.spec_from_file_location("environment", CHECKOUT / ".github" / "action" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = _loaded()


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Do one thing with such an environment, and read what it answers."""

    def asked(verb: str, event: object = None, **environ: str) -> dict[str, str]:
        output, told = tmp_path / "output", tmp_path / "event.json"
        output.write_text("", encoding="utf-8")
        told.write_text(json.dumps(event or {}), encoding="utf-8")
        common = {
            "GITHUB_OUTPUT": str(output), "GITHUB_EVENT_PATH": str(told), "RUNNER_TEMP": str(tmp_path / "temp"),
            "GITHUB_REPOSITORY": "acme/shop", "GITHUB_EVENT_NAME": "schedule", "GITHUB_RUN_ID": "7",
            "TRACKERSYNC_ACTION_STATE": "trackersync", "TRACKERSYNC_ACTION_COMMAND": "sync",
        }  # fmt: skip
        for name, text in (common | environ).items():
            monkeypatch.setenv(name, text)
        assert SCRIPT.main(verb) == 0
        return read_pairs(output.read_text(encoding="utf-8"))

    return asked


def pull(repository: str | None) -> dict[str, object]:
    return {"pull_request": {"number": 1, "head": {"repo": repository and {"full_name": repository}}}}


@pytest.mark.parametrize(
    ("event_name", "event", "command", "state", "keep"),
    [
        pytest.param("schedule", {}, "sync", "trackersync", "true", id="a schedule"),
        pytest.param("issues", {}, "check", "trackersync", "true", id="an event"),
        pytest.param("schedule", {}, "preview", "trackersync", "false", id="a preview"),
        pytest.param("schedule", {}, "sync", "none", "false", id="nothing kept"),
        pytest.param("pull_request", pull("acme/shop"), "check", "trackersync", "true", id="a branch of our own"),
        pytest.param("pull_request", pull("mallory/shop"), "check", "trackersync", "false", id="a fork"),
        pytest.param("pull_request_target", pull("mallory/shop"), "sync", "trackersync", "false", id="its target"),
        pytest.param("pull_request", pull(None), "check", "trackersync", "false", id="a fork that is gone"),
        pytest.param("pull_request", {}, "check", "trackersync", "false", id="nobody knows"),
    ],
)
def test_what_is_kept(  # noqa: PLR0917  # a table's columns
    ask: Ask, event_name: str, event: object, command: str, state: str, keep: str
) -> None:
    told = ask(
        "place", event, GITHUB_EVENT_NAME=event_name, TRACKERSYNC_ACTION_COMMAND=command, TRACKERSYNC_ACTION_STATE=state
    )
    assert told["keep"] == keep


@pytest.mark.parametrize("name", [*HOSTILE, "../../etc", "a/b", "a,b", "", "C:\\x"])
def test_whatever_a_state_is_called_it_is_one_folder_and_a_name_that_the_cache_takes(
    ask: Ask, tmp_path: Path, name: str
) -> None:
    if "\x00" in name:
        # No variable holds one.
        return
    told = ask("place", TRACKERSYNC_ACTION_STATE=name)
    assert (tmp_path / "temp" / "trackersync" / "state").samefile(f"{told['state']}/..")
    assert re.fullmatch(r"trackersync-state-[A-Za-z0-9._-]{1,64}-7-1-[0-9a-f]+", told["state-key"])
    assert told["state-key"].startswith(told["prefix"])


def test_two_names_that_look_alike_are_two(ask: Ask) -> None:
    assert (
        ask("place", TRACKERSYNC_ACTION_STATE="a b")["state"] != ask("place", TRACKERSYNC_ACTION_STATE="a/b")["state"]
    )


def test_the_environment_is_another_where_its_paths_are(ask: Ask, tmp_path: Path) -> None:
    first, second = (ask("place")["key"] for _ in range(2))
    assert first == second != ask("place", RUNNER_TEMP=str(tmp_path / "elsewhere"))["key"]


def test_what_waits_beside_a_store_is_written_into_it(ask: Ask, tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    killed = sqlite3.connect(store)
    killed.execute("PRAGMA journal_mode=WAL")
    killed.execute("CREATE TABLE a (b)")
    killed.execute("INSERT INTO a VALUES (7)")
    killed.commit()
    # As a kill leaves it: what was committed stands beside the store.
    copied = tmp_path / "copied.db"
    copied.write_bytes(store.read_bytes())
    (tmp_path / "copied.db-wal").write_bytes((tmp_path / "store.db-wal").read_bytes())
    killed.close()

    assert ask("close", TRACKERSYNC_ACTION_STORE=str(copied)) == {"whole": "true"}
    assert not (tmp_path / "copied.db-wal").exists()
    with closing(sqlite3.connect(copied)) as connection:
        assert connection.execute("SELECT b FROM a").fetchall() == [(7,)]


@pytest.mark.parametrize("content", [b"this is no store at all, but a text that somebody wrote" * 40, None])
def test_what_is_no_whole_store_is_not_kept(ask: Ask, tmp_path: Path, content: bytes | None) -> None:
    store = tmp_path / "broken.db"
    if content is not None:
        store.write_bytes(content)
    assert ask("close", TRACKERSYNC_ACTION_STORE=str(store)) == {"whole": "false"}
