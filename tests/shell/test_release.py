"""How a release is made: what is refused, what each job may do, and its steps, run as a runner would."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from product import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
RELEASE: dict[str, Any] = yaml.safe_load((CHECKOUT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
JOBS: dict[str, dict[str, Any]] = RELEASE["jobs"]
PINNED = re.compile(r"uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
CHANGELOG = """# Changelog

## 2.0.0rc1

Tried out.

## 1.2.30

- Not this one.

## 1.2.3 (2027-03-05)

- One.
- Two, `## 9.9.9` in it.

## 1.0.0
"""
bash = pytest.mark.skipif(os.name == "nt", reason="releases are made on Linux")


def noted(root: Path, version: str, tag: str) -> tuple[int, str, str, str]:
    """Exit code, notes, what was refused and the outputs."""
    package = root / "src" / "trackersync"
    package.mkdir(parents=True)
    package.joinpath("__init__.py").write_text(f'"""Said."""\n\n__version__ = "{version}"\n', encoding="utf-8")
    root.joinpath("CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    outputs = root / "outputs"
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, CHECKOUT / ".ci" / "notes.py", tag, "--root", root, "--outputs", outputs],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr, outputs.read_text("utf-8") if outputs.exists() else ""


@pytest.mark.parametrize(
    ("version", "notes", "outputs"),
    [
        ("1.2.3", "- One.\n- Two, `## 9.9.9` in it.\n", "version=1.2.3\nfinal=true\nmajor=v1\n"),
        ("1.2.30", "- Not this one.\n", "version=1.2.30\nfinal=true\nmajor=v1\n"),
        ("2.0.0rc1", "Tried out.\n", "version=2.0.0rc1\nfinal=false\nmajor=v2\n"),
    ],
)
def test_notes_are_the_section_of_the_version(tmp_path: Path, version: str, notes: str, outputs: str) -> None:
    assert noted(tmp_path, version, f"v{version}") == (0, notes, "", outputs)


@pytest.mark.parametrize(
    ("version", "tag", "said"),
    [
        ("1.2.3", "v1.2.4", 'the tag is "v1.2.4" and the version "1.2.3"'),
        ("1.2.3", "1.2.3", "tag v1.2.3"),
        ("1.2.3", "v1.2.3-rc1", "the version"),
        ("1.2", "v1.2", '"1.2" is not like 1.2.3'),
        ("1.2.3.dev1", "v1.2.3.dev1", "is not like 1.2.3"),
        ("1.2.4", "v1.2.4", 'says nothing under "## 1.2.4"'),
        ("1.0.0", "v1.0.0", 'says nothing under "## 1.0.0"'),
    ],
)
def test_what_is_no_release_is_refused_in_a_sentence(tmp_path: Path, version: str, tag: str, said: str) -> None:
    code, notes, refused, outputs = noted(tmp_path, version, tag)
    assert (code, notes, outputs) == (1, "", "")
    assert said in refused
    assert refused.count("\n") == 1


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_of_others_is_pinned_by_commit_and_says_its_version(file: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in file.read_text("utf-8").splitlines()]
    loose = [line for line in lines if line.startswith("uses:") and not line.startswith("uses: ./")]
    assert [line for line in loose if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_workflow_puts_an_expression_into_a_script(file: Path) -> None:
    jobs = yaml.safe_load(file.read_text("utf-8"))["jobs"].values()
    scripts = [step.get("run", "") for job in jobs for step in job.get("steps", ())]
    assert [script for script in scripts if "${{" in script] == []


def test_each_job_may_do_what_it_is_for_and_no_more() -> None:
    assert RELEASE["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "test": {"contents": "read"},
        "build": {"contents": "read"},
        "image": {"contents": "read", "packages": "write"},
        "attest": {"id-token": "write", "attestations": "write"},
        "attest-image": {"id-token": "write", "attestations": "write"},
        "pypi": {"id-token": "write"},
        "github": {"contents": "write"},
    }


def test_a_job_that_signs_runs_nothing_of_the_repository() -> None:
    signing = {name for name, job in JOBS.items() if "id-token" in job["permissions"]}
    steps = [step for name in signing for step in JOBS[name]["steps"]]
    assert signing == {"attest", "attest-image", "pypi"}
    assert not [step for step in steps if "run" in step or step["uses"].startswith(("./", "actions/checkout"))]


def test_nothing_is_handed_out_before_it_is_tested_and_attested() -> None:
    assert set(JOBS["attest"]["needs"]) >= {"test", "build"}
    assert JOBS["attest-image"]["needs"] == "image"
    assert set(JOBS["image"]["needs"]) >= {"test", "build"}
    assert "attest" in JOBS["pypi"]["needs"]
    assert "pypi" in JOBS["github"]["needs"]
    assert JOBS["pypi"]["environment"] == "pypi"


GH = """#!{python}
import os, pathlib, sys
at, words = pathlib.Path(os.environ["AT_GITHUB"]), sys.argv[1:]
fields = dict(word.split("=", 1) for word in words if "=" in word)
if words[:2] == ["release", "create"]:
    files = [pathlib.Path(word).name for word in words if word.startswith("made/dist/")]
    notes = pathlib.Path(words[words.index("--notes-file") + 1]).read_text()
    at.joinpath(words[2]).write_text("\\n".join([notes, *files, *(["pre"] if "--prerelease" in words else [])]))
elif "POST" in words and not at.joinpath(fields["ref"].rpartition("/")[2]).exists():
    at.joinpath(fields["ref"].rpartition("/")[2]).write_text(fields["sha"])
else:
    there = at / next(word for word in words if word.startswith("repos/acme/sync/git/ref")).rpartition("/")[2]
    if not there.exists() or "POST" in words: sys.exit("gh: Not Found (HTTP 404)")
    if "PATCH" in words:
        if fields.get("force") != "true": sys.exit("gh: Update is not a fast forward (HTTP 422)")
        there.write_text(fields["sha"])
"""
DOCKER = """#!{python}
import json, os, pathlib, sys
at, words = pathlib.Path(os.environ["AT_REGISTRY"]), sys.argv[1:]
if words[0] == "login":
    at.joinpath("login").write_text(sys.stdin.read().strip())
elif words[0] == "logout":
    at.joinpath("login").unlink()
elif words[:2] == ["buildx", "build"]:
    if not at.joinpath("login").exists(): sys.exit("denied")
    at.joinpath("tags").write_text("\\n".join(words[n + 1] for n, word in enumerate(words) if word == "--tag"))
    metadata = pathlib.Path(words[words.index("--metadata-file") + 1])
    metadata.write_text(json.dumps({{"containerimage.digest": "sha256:1f"}}))
"""


class Runner:
    """Runs a job's scripts as GitHub's runner does, with stand-ins of `gh` and `docker` that keep what is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.outside = folder, folder / "outside"
        self.outside.mkdir()
        (folder / "bin").mkdir()
        for name, text in (("gh", GH), ("docker", DOCKER)):
            program = folder / "bin" / name
            program.write_text(text.format(python=sys.executable), encoding="utf-8")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.environ = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder), "RUNNER_TEMP": str(folder),
            "AT_GITHUB": str(self.outside), "AT_REGISTRY": str(self.outside), "GITHUB_OUTPUT": str(folder / "outputs"),
            "GITHUB_REPOSITORY": "acme/sync", "GITHUB_SHA": "5e5a3e", "GITHUB_ACTOR": "ada",
            "GITHUB_SERVER_URL": "https://github.com",
        }  # fmt: skip

    def run(self, job: str, **known: str) -> None:
        """Each script of the job, where its condition holds; `known` are the values of outputs and of github.*."""
        for step in JOBS[job]["steps"]:
            if "run" not in step or not holds(step.get("if"), known):
                continue
            environ = {name: filled(value, known) for name, value in step.get("env", {}).items()}
            done = subprocess.run(  # noqa: S603  # our own workflow
                [shutil.which("bash") or "bash", "--noprofile", "--norc", "-e", "-c", step["run"]],
                cwd=self.folder, env={**self.environ, **environ}, capture_output=True, text=True, timeout=60,
                check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr

    @property
    def kept(self) -> dict[str, str]:
        return {file.name: file.read_text("utf-8") for file in self.outside.iterdir()}


def filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (?:needs\.build\.outputs\.|github\.|vars\.)?(\w+) \}\}", lambda found: known[found[1]], text)


def holds(condition: str | None, known: Mapping[str, str]) -> bool:
    return condition is None or condition == f"needs.build.outputs.final == '{known['final']}'"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    found = Runner(tmp_path)
    for name, text in (("notes/notes.md", "- One."), ("dist/a.whl", ""), ("dist/a.tar.gz", "")):
        file = tmp_path / "made" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return found


SAID = {"token": "t", "repository": "acme/sync", "IMAGE_REGISTRY": "images.example"}


@bash
def test_a_release_is_made_with_its_files_and_the_major_tag_is_made_and_then_moved(runner: Runner) -> None:
    runner.run("github", ref_name="v1.2.3", final="true", major="v1", **SAID)
    assert runner.kept == {"v1.2.3": "- One.\na.tar.gz\na.whl", "v1": "5e5a3e"}

    runner.environ["GITHUB_SHA"] = "77aa"
    runner.run("github", ref_name="v1.2.4", final="true", major="v1", **SAID)
    assert runner.kept["v1"] == "77aa"


@bash
def test_a_candidate_moves_no_tag(runner: Runner) -> None:
    runner.run("github", ref_name="v1.2.3rc1", final="false", major="v1", **SAID)
    assert runner.kept == {"v1.2.3rc1": "- One.\na.tar.gz\na.whl\npre"}


@bash
@pytest.mark.skipif(not shutil.which("jq"), reason="GitHub's runners have jq, this machine has not")
@pytest.mark.parametrize(("final", "tags"), [("true", ["1.2.3", "latest"]), ("false", ["1.2.3"])])
def test_the_image_is_pushed_under_its_version_and_its_digest_is_handed_on(
    runner: Runner, final: str, tags: list[str]
) -> None:
    runner.environ["GITHUB_REPOSITORY"] = "Acme/Sync"
    runner.run("image", version="1.2.3", final=final, **SAID)
    assert runner.kept == {"tags": "\n".join(f"images.example/acme/sync:{tag}" for tag in tags)}
    assert (runner.folder / "outputs").read_text("utf-8") == "name=images.example/acme/sync\ndigest=sha256:1f\n"
