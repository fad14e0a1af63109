"""``trackersync init`` where nobody is asked: what it writes and refuses, and how little it takes to a first check."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from product import TOKENS, Shop, invoke, spawn
from trackersync.cli.filing import left_as_it_was, put
from trackersync.cli.founded import founded, keep
from trackersync.config import load
from trackersync.errors import ConfigError
from trackersync.registry import discover
from trackersync.sandbox import Options, Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from product import Ran

FILE = "trackersync.yaml"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One shop for all: nothing here may write to it, which each test makes sure of at its end."""
    with running(Options()) as stands:
        yield stands


@pytest.fixture
def shop(sandbox: Sandbox, folder: Path) -> Iterator[Shop]:
    """The shop, with nothing asked of it yet."""
    found = Shop(sandbox, folder)
    found.clear()
    yield found
    assert found.writes == 0


@pytest.fixture
def bare(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the shop is up, with tokens in the environment."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_API_URL", shop.sandbox.github_url)
    for name in ("JIRA_EMAIL", "JIRA_USER", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return folder


def jira_of(shop: Shop) -> list[str]:
    """The arguments that name the shop's Jira."""
    return ["--jira", f"{shop.sandbox.jira_url}/browse/shop-42", "--email", "bot@acme.example"]


def named(shop: Shop, which: str) -> list[str]:
    """The arguments that name the shop's trackers."""
    github = ["acme/shop"] if which != "jira" else []
    return [*github, *(jira_of(shop) if which != "github" else [])]


def files(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize(
    ("which", "delivery"), [("github", "delivery"), ("jira", "delivery"), ("both", "delivery")], ids=lambda one: one
)
def test_from_an_empty_folder_to_the_first_check_in_two_commands(
    shop: Shop, bare: Path, which: str, delivery: str
) -> None:
    """Two commands, and no file edited by hand; the check reads only what is new, and nothing was ever written."""
    shop.clear()
    done = invoke("init", *named(shop, which))
    assert done.code == 0, done.said
    assert files(bare) == ["trackersync.db", FILE]
    read = shop.reads
    check = invoke("check", "--fail-on", "never")
    assert check.code == 0, check.said
    assert "open tasks" in check.said
    assert "0 changed" in check.out.splitlines()[0]
    assert shop.reads - read < read / 2
    assert shop.writes == 0
    assert yaml.safe_load((bare / FILE).read_text(encoding="utf-8"))["delivery"] == delivery


@pytest.mark.parametrize(
    ("kept", "delivery"),
    [
        pytest.param(("idea", "build", "verify"), "kanban", id="no more stages than kanban has"),
        pytest.param(("idea", "research", "design", "build", "verify", "release"), "delivery", id="more"),
    ],
)
def test_a_tracker_alone_gets_the_process_that_has_room_for_its_stages(
    shop: Shop, bare: Path, monkeypatch: pytest.MonkeyPatch, kept: tuple[str, ...], delivery: str
) -> None:
    labels = shop.sandbox.github.labels
    for name in [label for label in labels if label.partition("stage: ")[2] not in kept and ":" in label]:
        monkeypatch.delitem(labels, name)
    done = invoke("init", *named(shop, "github"))
    assert yaml.safe_load((bare / FILE).read_text(encoding="utf-8"))["delivery"] == delivery, done.out


def test_doctor_accepts_what_was_written(shop: Shop, bare: Path) -> None:
    invoke("init", *named(shop, "both"))
    done = invoke("doctor")
    assert done.code == 0, done.out
    assert "no errors" in done.out.splitlines()[-1]


def test_the_file_names_variables_and_no_token(shop: Shop, bare: Path) -> None:
    invoke("init", *named(shop, "both"))
    text = (bare / FILE).read_text(encoding="utf-8")
    assert "token: ${GITHUB_TOKEN}" in text
    assert "token: ${JIRA_TOKEN}" in text
    assert not [token for token in TOKENS.values() if token in text]
    assert "  # 42 issues, 33 open" in text
    assert "# guess: Waiting for vendor" in text
    assert not [line for line in text.splitlines() if len(line) > 120]


def test_every_status_and_stage_label_of_the_shop_has_its_stage(shop: Shop, bare: Path) -> None:
    record = invoke("init", *named(shop, "both"), "--format", "json").record
    github, jira = record["trackers"]
    stages = {(line["place"], line["value"]): line["stage"] for line in (*github["lines"], *jira["lines"])}
    assert stages["labels", "bug"] is None
    assert stages["statuses", "Distribution"] == "distribute"
    assert stages["resolutions", "Duplicate"] == "cancelled"
    assert {value for (place, value), stage in stages.items() if place == "statuses" and stage is None} == set()
    assert [label for (place, label), stage in stages.items() if label.startswith("stage: ") and stage is None] == []
    assert jira["open"] == {"all": 32, "stated": 32, "assumed": 0, "clashing": [], "unplaced": []}
    assert (github["open"]["stated"], github["open"]["assumed"]) == (28, 4)
    assert [line["value"] for line in jira["lines"] if not line["sure"]] == ["Waiting for vendor"]
    assert record["next"][0] == "trackersync check"


def test_what_is_set_on_the_command_line_wins(shop: Shop, bare: Path) -> None:
    sets = [
        "--set",
        "statuses:waiting for VENDOR=verify",
        "--set",
        "labels:bug=Idea",
        "--set",
        "labels:stage: launch=none",
    ]
    assert invoke("init", *named(shop, "both"), *sets).code == 0
    trackers = yaml.safe_load((bare / FILE).read_text(encoding="utf-8"))["trackers"]
    assert trackers["jira"]["stages"]["verify"] == {"statuses": ["In Review", "Waiting for vendor"]}
    # The stage's own word stays the one that is written.
    assert trackers["github"]["stages"]["idea"] == {"labels": ["stage: idea", "bug"]}
    assert "launch" not in trackers["github"]["stages"]


def test_a_baseline_of_today(shop: Shop, bare: Path) -> None:
    done = invoke("init", *named(shop, "both"), "--baseline", "known.json")
    assert "findings known from now on" in done.said
    assert "trackersync check --baseline known.json" in done.said
    check = invoke("check", "--baseline", "known.json")
    assert check.code == 0, check.said
    assert "0 new" in check.said


def test_a_file_that_is_there_stays(shop: Shop, bare: Path) -> None:
    (bare / FILE).write_text("mine\n", encoding="utf-8")
    shop.clear()
    done = invoke("init", *named(shop, "github"))
    assert (done.code, shop.reads) == (2, 0)
    assert f"{FILE} is there already; nothing was written" in done.said
    assert "--force" in done.said
    assert ((bare / FILE).read_text(encoding="utf-8"), files(bare)) == ("mine\n", [FILE])
    assert invoke("init", *named(shop, "github"), "--force").code == 0
    assert "repositories: [acme/shop]" in (bare / FILE).read_text(encoding="utf-8")


def test_the_file_in_dot_github_is_the_one_that_is_there(shop: Shop, bare: Path) -> None:
    (bare / ".github").mkdir()
    (bare / ".github" / FILE).write_text("mine\n", encoding="utf-8")
    assert f".github/{FILE} is there already" in invoke("init", *named(shop, "github")).said


def test_another_file(shop: Shop, bare: Path) -> None:
    (bare / "conf").mkdir()
    done = invoke("init", *named(shop, "github"), "--config", "conf/shop.yaml", "--delivery", "scrum")
    assert done.code == 0, done.said
    assert files(bare / "conf") == ["shop.yaml", "trackersync.db"]
    assert "trackersync check --config conf/shop.yaml" in done.said
    assert load(bare / "conf" / "shop.yaml", registry=discover()).process.name == "scrum"


def refused(code: int, words: str, *arguments: str, said: tuple[str, ...] = ()) -> object:
    """A row: what is typed, the exit code, and what is said."""
    return pytest.param(code, (words, *said), arguments, id=words)


@pytest.mark.parametrize(
    ("code", "words", "arguments"),
    [
        refused(2, "no tracker is named"),
        refused(2, "which projects (--project KEY)", "--jira", "https://acme.atlassian.net", said=("--email ADDRESS",)),
        refused(2, "the address of the Jira (--jira URL)", "--project", "SHOP"),
        refused(2, "which repositories (OWNER/REPO)", "--github-url", "https://git.acme.example/api/v3"),
        refused(2, "http:// would send", "--jira", "http://jira.acme.example", "--project", "SHOP"),
        refused(2, "a repository is named OWNER/NAME", "acme"),
        refused(2, 'did you mean "kanban"?', "acme/shop", "--delivery", "kanbn"),
        refused(2, "is not PLACE:VALUE=STAGE", "acme/shop", "--set", "bug"),
        refused(2, 'did you mean "labels"?', "acme/shop", "--set", "label:bug=build"),
        refused(2, 'did you mean "build"?', "acme/shop", "--set", "labels:bug=biuld"),
        refused(2, 'did you mean "bug"?', "acme/shop", "--set", "labels:bugg=build"),
        refused(2, "there is no folder", "acme/shop", "--config", "nowhere/x.yaml"),
        refused(2, "there is no folder nowhere", "acme/shop", "--baseline", "nowhere/b.json", said=("mkdir nowhere",)),
        refused(2, "b is the file of --config already", "acme/shop", "--config", "b", "--baseline", "./b"),
        refused(2, "trackersync.db is the store already", "acme/shop", "--config", "trackersync.db"),
        refused(2, "../empty/trackersync.db is the store", "acme/shop", "--baseline", "../empty/trackersync.db"),
        refused(2, "is a folder", "acme/shop", "--baseline", ".", "--force"),
        refused(2, "no board is shown", "acme/shop", "--board", "Roadmap"),
        refused(2, "brings its own trackers", "--sandbox", "--anonymous"),
        refused(4, "acme/nothing", "acme/nothing"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_left(
    shop: Shop, bare: Path, code: int, words: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    done = invoke("init", *arguments)
    assert done.code == code, done.said
    assert [word for word in words if word not in done.said] == []
    assert (files(bare), shop.writes) == ([], 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc takes no files, not even from root")
@pytest.mark.parametrize("option", ["--config", "--baseline"])
def test_a_folder_that_takes_no_files_is_noticed_before_anything_is_read(shop: Shop, bare: Path, option: str) -> None:
    shop.clear()
    done = invoke("init", "acme/shop", option, "/proc/x.yaml")
    assert (done.code, shop.reads, files(bare)) == (2, 0, []), done.said
    assert "/proc/x.yaml cannot be written: " in done.said
    assert f"name another by {option} FILE" in done.said


def test_a_link_stays_a_link_and_a_mode_stays(shop: Shop, bare: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    real.write_text("mine\n", encoding="utf-8")
    real.chmod(0o600)
    (bare / FILE).symlink_to(real)
    assert invoke("init", *named(shop, "github"), "--force").code == 0
    assert ((bare / FILE).is_symlink(), real.stat().st_mode & 0o777) == (True, 0o600)
    assert "repositories: [acme/shop]" in real.read_text(encoding="utf-8")
    assert (files(bare), files(real.parent)) == (["trackersync.db", FILE], ["real.yaml"])


def test_what_cannot_be_cleaned_up_hides_no_reason(tmp_path: Path) -> None:
    """A folder stands where the file is made: neither can it be written nor unlinked."""
    (tmp_path / ".x.yaml.new").mkdir()
    with pytest.raises(ConfigError, match=r"x\.yaml cannot be written"):
        put(tmp_path / "x.yaml", "", lambda _: None)


def test_a_store_that_cannot_be_taken_away_hides_no_reason(tmp_path: Path) -> None:
    def walked() -> None:
        with left_as_it_was(f"sqlite:///{tmp_path / 'x.db'}"):
            (tmp_path / "x.db").mkdir()
            raise ConfigError("the reason")

    with pytest.raises(ConfigError, match="the reason"):
        walked()


def test_what_is_not_sound_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("mine", encoding="utf-8")

    def unsound(_: Path) -> None:
        raise ConfigError("not sound")

    with pytest.raises(ConfigError, match="not sound"):
        put(tmp_path / "x.yaml", "new", unsound)
    assert ((tmp_path / "x.yaml").read_text(encoding="utf-8"), files(tmp_path)) == ("mine", ["x.yaml"])


def test_a_baseline_that_fails_at_the_end_says_what_is_written(shop: Shop, bare: Path) -> None:
    invoke("init", *named(shop, "github"))
    found = founded(load(bare / FILE, registry=discover()))
    with pytest.raises(ConfigError, match=r"other\.yaml is written\.$") as caught:
        keep(bare / "nowhere" / "b.json", found, Path("other.yaml"))
    assert caught.value.next_step is not None
    assert "nowhere" not in caught.value.next_step
    assert "--config other.yaml" in caught.value.next_step


def test_a_machine_is_told_the_verdict_in_the_words_of_check(shop: Shop, bare: Path) -> None:
    told = invoke("init", *named(shop, "both"), "--format", "json").record
    check = invoke("check", "--format", "json", "--fail-on", "never").record
    assert (told["open_tasks"], told["places"]) == (check["open_tasks"], check["places"])
    assert told["open_tasks"] > 0
    assert sum(told["places"].values()) > 0


def test_all_that_is_missing_is_said_at_once(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIRA_TOKEN")
    said = invoke("init", "--jira", "https://acme.atlassian.net").said
    assert "--email ADDRESS" in said
    assert "export JIRA_TOKEN=" in said
    assert "--project KEY" in said


def test_a_refused_token_is_a_sentence(shop: Shop, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_expired")
    done = invoke("init", "acme/shop")
    assert (done.code, files(bare)) == (4, []), done.said
    assert "ghp_expired" not in done.said


def test_what_is_public_needs_no_token(shop: Shop, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    done = invoke("init", "acme/shop", "--anonymous")
    assert done.code == 0, done.said
    assert "anonymous: true" in (bare / FILE).read_text(encoding="utf-8")
    assert "trackersync plan" not in done.said
    assert invoke("check", "--fail-on", "never").code == 0


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for gh")
def test_the_token_of_githubs_own_command_line(shop: Shop, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "gh"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\necho {TOKENS['GITHUB_TOKEN']}\n", encoding="utf-8")
    script.chmod(0o755)
    gone = {"GITHUB_TOKEN": "", "GH_TOKEN": "", "PATH": f"{script.parent}:{os.environ['PATH']}"}
    (tmp_path / "empty").mkdir()
    done = spawn(tmp_path / "empty", "init", "acme/shop", "--github-url", shop.sandbox.github_url, **gone)
    assert done.code == 0, done.said
    assert 'export GITHUB_TOKEN="$(gh auth token)"' in done.said


def test_quiet_says_nothing_and_writes(shop: Shop, bare: Path) -> None:
    done = invoke("init", "acme/shop", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert files(bare) == ["trackersync.db", FILE]


def on_the_sandbox(done: Ran, bare: Path) -> dict[str, object]:
    """The trackers of the file that was written; the command that brings them up again is said."""
    assert done.code == 0, done.said
    trackers = yaml.safe_load((bare / FILE).read_text(encoding="utf-8"))["trackers"]
    assert "trackersync sandbox --github-port " in done.said
    found: dict[str, object] = trackers
    return found


@pytest.mark.parametrize(
    ("arguments", "trackers"),
    [([], ["github", "jira"]), (["acme/shop"], ["github"]), (["--project", "SHOP"], ["jira"])],
    ids=["both", "github", "jira"],
)
def test_the_sandbox_needs_no_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], trackers: list[str]
) -> None:
    for name in TOKENS:
        monkeypatch.delenv(name)
    assert list(on_the_sandbox(invoke("init", "--sandbox", *arguments), folder)) == trackers
    assert "first, in another terminal, trackersync sandbox --github-port " in (folder / "trackersync.yaml").read_text()
    # What was read stays: even with the stand-ins down the findings can be looked at.
    offline = invoke("check", "--offline", "--fail-on", "never")
    assert (offline.code, "open tasks" in offline.said) == (0, True), offline.said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["acme/nothing"], "of OWNER/REPO", id="a repository that is not there"),
        pytest.param(
            ["--jira", "JIRA", "--project", "NONE", "--email", "a@b.example"], "of --project", id="no project"
        ),
    ],
)
def test_while_there_is_no_file_none_is_spoken_of(shop: Shop, bare: Path, arguments: list[str], words: str) -> None:
    done = invoke("init", *[one.replace("JIRA", shop.sandbox.jira_url) for one in arguments], "--yes")
    assert done.code == 4
    assert words in done.said
    assert "Nothing was written." in done.said
    assert "`" not in done.said
