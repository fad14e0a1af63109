"""The npm package ``emulate``, someone else's stand-in for GitHub: installed, running, and worked on as its people do.

It is none of ours and knows nothing of us, so it shows what our own stand-in cannot: that the connector was written
after GitHub's documentation, and not after our reading of it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
import yaml

from product import TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trackersync.sandbox.github.model import Issue

PACKAGE = "emulate@0.11.2"
FOLDER = "TRACKERSYNC_EMULATE"
"""Names a folder where the package is installed already; with it, what is missing there is a failure and no skip."""

_STARTS_WITHIN = 30.0


def installed(folder: Path) -> Path:
    """The program's entry: where the environment says, or else newly installed into a folder.

    Without node and npm, or where npm gets no answer, the test is skipped and says why.
    """
    named = os.environ.get(FOLDER)
    node, npm = shutil.which("node"), shutil.which("npm")
    if named:
        entry = _entry(Path(named))
        assert node, f"{FOLDER} is set, but node is not on this machine"
        assert entry.is_file(), f"{FOLDER} is set, but {PACKAGE} is not installed there"
        return entry
    if node is None or npm is None:
        pytest.skip("someone else's server needs node and npm, and they are not on this machine; .ci/run installs them")
    done = subprocess.run(  # noqa: S603  # found on the path, with our own words
        [npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.strip()[-300:]}")
    return _entry(folder)


def _entry(folder: Path) -> Path:
    return folder / "node_modules" / "emulate" / "dist" / "index.js"


@dataclass(frozen=True)
class Emulated:
    """A running server with one repository, and a person's hands on it."""

    url: str
    client: httpx.Client
    repository: str

    def issue(self, number: int) -> Any:  # noqa: ANN401  # JSON
        """An issue as it is now."""
        return self._done("GET", f"/issues/{number}")

    def issues(self) -> dict[int, Any]:
        """All issues as they are now."""
        rows: dict[int, Any] = {}
        for page in range(1, 20):
            found = self._done("GET", f"/issues?state=all&per_page=100&page={page}")
            rows |= {row["number"]: row for row in found}
            if len(found) < 100:
                break
        return rows

    def open(self, issue: Issue) -> None:
        """Open an issue like one of our stand-in, which gets the same number if that is the next one."""
        body = {"title": issue.title, "body": issue.body, "labels": issue.labels, "assignees": issue.assignees}
        made = self._done("POST", "/issues", body)
        if issue.state == "closed":
            self.edit(made["number"], state="closed", state_reason=issue.reason)

    def edit(self, number: int, **members: object) -> None:
        """Edit an issue's own members."""
        self._done("PATCH", f"/issues/{number}", members)

    def relabel(self, number: int, old: str, new: str) -> None:
        """Take a label off and put another one on."""
        self._done("DELETE", f"/issues/{number}/labels/{quote(old)}")
        self._done("POST", f"/issues/{number}/labels", {"labels": [new]})

    def hand_over(self, number: int, to: str) -> None:
        """Assign somebody else."""
        mine = [user["login"] for user in self.issue(number)["assignees"]]
        self._done("DELETE", f"/issues/{number}/assignees", {"assignees": mine})
        self._done("POST", f"/issues/{number}/assignees", {"assignees": [to]})

    def _done(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
        answer = self.client.request(method, f"/repos/{self.repository}{path}", json=body)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json()


def shows(issue: Any) -> tuple[frozenset[str], str, str | None, frozenset[str]]:  # noqa: ANN401  # JSON
    """What of an issue matters here: labels, state, reason, assignees."""
    return (
        frozenset(label["name"] for label in issue["labels"]),
        issue["state"],
        issue["state_reason"],
        frozenset(user["login"] for user in issue["assignees"]),
    )


@contextmanager
def emulating(entry: Path, folder: Path, people: Sequence[str], repository: str = "acme/shop") -> Iterator[Emulated]:
    """Run the server on a free port of loopback until the block ends."""
    owner, _, name = repository.partition("/")
    members = [{"login": "acme-bot", "role": "admin"}, *({"login": login} for login in people)]
    seed = {
        "tokens": {TOKENS["GITHUB_TOKEN"]: {"login": "acme-bot", "scopes": ["repo"]}},
        "github": {
            "users": [{"login": member["login"]} for member in members],
            "orgs": [{"login": owner, "members": members}],
            "repos": [{"owner": owner, "name": name}],
        },
    }
    folder.joinpath("seed.yaml").write_text(yaml.safe_dump(seed), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    node = shutil.which("node")
    assert node is not None
    with folder.joinpath("emulate.log").open("w+", encoding="utf-8") as log:
        child = subprocess.Popen(  # noqa: S603  # found on the path, with our own words
            [node, str(entry), "start", "--service", "github", "--port", str(port), "--seed", "seed.yaml"],
            cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            # It listens on the name, which is not everywhere the address 127.0.0.1.
            url = f"http://localhost:{port}"
            headers = {"authorization": f"Bearer {TOKENS['GITHUB_TOKEN']}"}
            with httpx.Client(base_url=url, headers=headers, timeout=10) as client:
                _await(client, child, folder / "emulate.log")
                yield Emulated(url, client, repository)
        finally:
            child.terminate()
            child.wait(10)


def _await(client: httpx.Client, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until:
        assert child.poll() is None, log.read_text(encoding="utf-8")
        try:
            client.get("/rate_limit")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"it did not start within {_STARTS_WITHIN:.0f} s: {log.read_text(encoding='utf-8')}")
