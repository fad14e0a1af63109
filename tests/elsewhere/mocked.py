"""The package ``jira820``, someone else's stand-in for Jira Data Center 8.20: running, and worked on as its people do.

It is none of ours and knows nothing of us. It lacks much of Jira (no search by POST, no issue by its id, no assignable
users, no permissions), passes over what it does not know in a query, fails at a date in milliseconds, reads a quoted
one by the day, and stamps what is written with nine o'clock of the day it was started.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from product import TOKENS
from trackersync.sandbox.shop import ACCOUNTS, workflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackersync.sandbox.jira.model import Issue

PACKAGE = "jira820==0.12.0"
FOLDER = "TRACKERSYNC_JIRA820"
"""Names a virtual environment where the package is installed; with it, what is missing there is a failure, no skip."""

_STARTS_WITHIN = 30.0
_CATEGORIES = {"new": "todo", "indeterminate": "inprogress", "done": "done"}
LOGINS = {account: login for login, account in ACCOUNTS.items()}


def installed() -> Path:
    """The server's program; without the variable the test is skipped and says why."""
    named = os.environ.get(FOLDER)
    if named is None:
        pytest.skip(f"{FOLDER} names no virtual environment with {PACKAGE} in it; .ci/run makes one")
    program = Path(named) / "bin" / "jira820"
    assert program.is_file(), f"{FOLDER} is set, but {PACKAGE} is not installed there"
    return program


@dataclass(frozen=True)
class Mocked:
    """A running server with one project of 150 issues, and a person's hands on it."""

    url: str
    client: httpx.Client

    def issue(self, key: str) -> Any:  # noqa: ANN401  # JSON
        """An issue's fields as they are now."""
        return self._done("GET", f"/issue/{key}")["fields"]

    def issues(self) -> dict[str, Any]:
        """The fields of all issues as they are now."""
        rows: list[Any] = []
        for start in range(0, 1_000, 100):
            page = self._done("GET", f"/search?jql=&startAt={start}&maxResults=100")["issues"]
            rows += page
            if len(page) < 100:
                break
        return {row["key"]: row["fields"] for row in rows}

    def move(self, key: str, status: str, resolution: str = "Done") -> None:
        """Send an issue along a transition."""
        offered = self._done("GET", f"/issue/{key}/transitions")["transitions"]
        (hop,) = [one["id"] for one in offered if one["to"]["name"] == status]
        fields = {"fields": {"resolution": {"name": resolution}}} if status == "Done" else {}
        self._done("POST", f"/issue/{key}/transitions", {"transition": {"id": hop}} | fields)

    def assign(self, key: str, to: str | None) -> None:
        """Give an issue to somebody, or to nobody."""
        self._done("PUT", f"/issue/{key}/assignee", {"name": to})

    def become(self, issue: Issue) -> None:
        """Make an issue look like the one of the same key at our stand-in."""
        if self.issue(issue.key)["status"]["name"] != issue.status:
            self.move(issue.key, issue.status, issue.resolution or "Done")
        self.assign(issue.key, LOGINS[issue.assignee] if issue.assignee else None)
        summary = {"summary": issue.summary, "description": issue.description or ""}
        self._done("PUT", f"/issue/{issue.key}", {"fields": summary})

    def _done(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
        answer = self.client.request(method, f"/rest/api/2{path}", json=body)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


def shows(fields: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    """What of an issue matters here: status, resolution, assignee."""
    return (
        fields["status"]["name"],
        fields["resolution"] and fields["resolution"]["name"],
        fields["assignee"] and fields["assignee"]["name"],
    )


@contextmanager
def mocking(program: Path, folder: Path) -> Iterator[Mocked]:
    """Run the server on a free port of loopback until the block ends."""
    world = {
        "project_key": "SHOP",
        "seed": "1",
        "modules": ["Shop"],
        "standalone_per_module": 40,
        "history_per_module": 90,
        "statuses": [[one.name, _CATEGORIES[one.category], one.id] for one in workflow().statuses],
        "transition_screens": {"Done": ["resolution"]},
    }
    folder.joinpath("jira820.yaml").write_text(yaml.safe_dump(world), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {"JIRA820_HOST": "127.0.0.1", "JIRA820_PORT": str(port), "JIRA820_CONFIG": "jira820.yaml"}
    quiet = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA820_", "PYTHON"))}
    with folder.joinpath("jira820.log").open("w+", encoding="utf-8") as log:
        child = subprocess.Popen(  # noqa: S603  # named by our own variable
            [program], cwd=folder, env=quiet | own, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            headers = {"authorization": f"Bearer {TOKENS['JIRA_TOKEN']}"}
            with httpx.Client(base_url=url, headers=headers, timeout=10) as client:
                _await(client, child, folder / "jira820.log")
                yield Mocked(url, client)
        finally:
            child.terminate()
            child.wait(10)


def _await(client: httpx.Client, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until:
        assert child.poll() is None, log.read_text(encoding="utf-8")
        try:
            client.get("/rest/api/2/serverInfo")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"it did not start within {_STARTS_WITHIN:.0f} s: {log.read_text(encoding='utf-8')}")
