"""The workflow that comments for forks: whatever a stranger's report holds is a block of code, on the right pull."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from product import CHECKOUT

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None and "TRACKERSYNC_EMULATE" not in os.environ, reason="the script is JavaScript; .ci/run installs node"
)

# What github-script gives a script, over a repository that is one JSON text.
STAND_IN = """
const fs = require('fs');
const state = JSON.parse(fs.readFileSync(0, 'utf8'));
const told = { notes: [], asked: [] };
const context = { repo: { owner: 'acme', repo: 'shop' }, payload: { workflow_run: state.run } };
const core = { info: (line) => told.notes.push(line) };
const known = (given) => {
  if (given.owner !== 'acme' || given.repo !== 'shop') throw new Error('another repository');
};
const github = {
  paginate: async (call, given) => call(given),
  rest: {
    pulls: { list: async (given) => {
      known(given);
      told.asked.push(given.head);
      return state.pulls.filter((one) => one.state === given.state && one.from === given.head);
    } },
    issues: {
      listComments: async (given) => {
        known(given);
        return state.comments.filter((one) => one.on === given.issue_number);
      },
      createComment: async (given) => {
        known(given);
        const user = { login: 'github-actions[bot]' };
        state.comments.push({ id: 900, on: given.issue_number, user, body: given.body });
      },
      updateComment: async (given) => {
        known(given);
        state.comments.find((one) => one.id === given.comment_id).body = given.body;
      },
    },
  },
};
(async () => { SCRIPT })().then(
  () => console.log(JSON.stringify({ ...told, comments: state.comments })),
  (error) => { console.error(error.message); process.exit(1); },
);
"""
SHA = "5f3a" * 10
RUN = {"head_branch": "mapping", "head_sha": SHA, "head_repository": {"owner": {"login": "mallory"}}}
PULL = {"number": 7, "state": "open", "from": "mallory:mapping", "head": {"sha": SHA}}
MARK = "<!-- trackersync: preview for a fork -->"


def script() -> str:
    text = CHECKOUT.joinpath("config", "workflows", "trackersync-preview-comment.yaml").read_text(encoding="utf-8")
    return str(yaml.safe_load(text)["jobs"]["comment"]["steps"][-1]["with"]["script"])


def commented(
    folder: Path,
    report: str | Path = "all well\n",
    *,
    pulls: list[Any] | None = None,
    comments: list[Any] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the script over a report and a repository."""
    file = folder / "preview.md"
    if isinstance(report, Path):
        file.symlink_to(report)
    else:
        file.write_text(report, encoding="utf-8", errors="surrogatepass", newline="")
    state = {"run": RUN, "pulls": [PULL] if pulls is None else pulls, "comments": comments or []}
    assert NODE is not None
    return subprocess.run(  # noqa: S603  # our own words
        [NODE, "-e", STAND_IN.replace("SCRIPT", f"\n{script()}\n")],
        input=json.dumps(state), env={"REPORT": str(file), "PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def bodies(done: subprocess.CompletedProcess[str]) -> dict[int, str]:
    """By pull request, what stands on it."""
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["comments"]
    assert len({one["on"] for one in found}) == len(found)
    return {one["on"]: one["body"] for one in found}


def shown(body: str) -> str:
    """What the block of code shows, after a look that there is nothing besides it but words of ours."""
    assert body.startswith(f"{MARK}\n")
    tokens = MarkdownIt("commonmark").parse(body)
    assert [token.type for token in tokens][:5] == [
        "html_block", "paragraph_open", "inline", "paragraph_close", "fence"
    ] or [token.type for token in tokens][:2] == ["html_block", "fence"]  # fmt: skip
    (fence,) = [token for token in tokens if token.type == "fence"]
    after = [token.content for token in tokens[tokens.index(fence) + 1 :] if token.type == "inline"]
    assert after in ([], ["Cut: the whole report is an artifact of the run."])
    assert len(body) <= 65_536
    return fence.content


HOSTILE = (
    "## hi @everyone, see #1\n```\nout of it? <img src=https://evil.example/x>\n~~~\n````text\n</details>\n<!-- -->\n"
    "[log in](https://evil.example) ${{ secrets.JIRA_TOKEN }} $(id) `id`\n::error::no command"
)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param("| a | b |\n", "| a | b |\n\n", id="a table"),
        pytest.param(HOSTILE, HOSTILE + "\n", id="nothing in it means anything"),
        pytest.param("`" * 900 + "\n", "`" * 900 + "\n\n", id="a fence of its own"),
        pytest.param("a\u202eb\u200bc\x1b[31md\x00e\r\nf\tg\n", "abc[31mde\nf\tg\n\n", id="what cannot be seen"),
        pytest.param("", "\n", id="nothing"),
    ],
)
def test_a_report_is_shown_and_means_nothing(tmp_path: Path, report: str, expected: str) -> None:
    found = bodies(commented(tmp_path, report))
    assert list(found) == [7]
    assert shown(found[7]) == expected


@pytest.mark.parametrize("letter", ["x", "é", "語", "🚀"])
def test_a_long_report_is_cut_between_letters(tmp_path: Path, letter: str) -> None:
    body = bodies(commented(tmp_path, letter * 300_000))[7]
    assert set(shown(body)) <= {letter, "\n", "\ufffd"}
    assert "Cut: the whole report is an artifact of the run." in body


def test_a_comment_is_edited_in_place_and_nobody_elses_is(tmp_path: Path) -> None:
    ours = {"id": 5, "on": 7, "user": {"login": "github-actions[bot]"}, "body": f"{MARK}\nolder"}
    theirs = {"id": 4, "on": 8, "user": {"login": "mallory"}, "body": f"{MARK}\nmine"}
    found = bodies(commented(tmp_path, "newer\n", comments=[theirs, ours]))
    assert found[8] == f"{MARK}\nmine"
    assert shown(found[7]) == "newer\n\n"


def test_a_persons_comment_with_our_mark_is_left_alone(tmp_path: Path) -> None:
    theirs = {"id": 4, "on": 7, "user": {"login": "mallory"}, "body": f"{MARK}\nmine"}
    done = commented(tmp_path, comments=[theirs])
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["comments"]
    assert first["body"] == f"{MARK}\nmine"
    assert shown(second["body"]) == "all well\n\n"


@pytest.mark.parametrize(
    "pulls",
    [
        pytest.param([], id="none"),
        pytest.param([PULL | {"state": "closed"}], id="closed"),
        pytest.param([PULL | {"head": {"sha": "0" * 40}}], id="pushed to since"),
        pytest.param([PULL | {"from": "ada-l:mapping"}], id="of somebody else's branch of that name"),
    ],
)
def test_without_a_pull_request_of_this_commit_nothing_is_commented(tmp_path: Path, pulls: list[Any]) -> None:
    done = commented(tmp_path, "See pull request 1.\n", pulls=pulls)
    assert bodies(done) == {}
    assert json.loads(done.stdout)["notes"] == [
        "No open pull request has this commit as its head: nothing to comment on."
    ]
    assert json.loads(done.stdout)["asked"] == ["mallory:mapping"]


def test_a_report_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sesame", encoding="utf-8")
    done = commented(tmp_path, secret)
    assert done.returncode == 1
    assert done.stderr.strip() == "The report is no file."
    assert "sesame" not in done.stdout
