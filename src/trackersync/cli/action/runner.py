"""The runner of a GitHub job, as a step sees it: its files, its event, and the commands it takes from what is printed.

"Workflow commands for GitHub Actions" and "Variables reference" of GitHub's documentation are the source of all of it.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from trackersync.report.page import BYTES, fitted

SUMMARY = 1024 * 1024 - 1
"""Bytes that GitHub takes of a step's summary; one more, and it shows nothing at all."""
_AROUND = SUMMARY - BYTES
"""What everything but rows of tables may take of it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """What the runner says of the job.

    Attributes:
        summary: the file of this step's summary; None: nobody reads one.
        outputs: the file of this step's outputs; None: nobody reads any.
        event: what started the run, as GitHub's webhooks tell it.
        repository: ``OWNER/NAME``; empty outside a job.
        api: where its REST API answers.
        workflow: the workflow's name.
    """

    summary: Path | None
    outputs: Path | None
    event: Mapping[str, Any]
    repository: str
    api: str
    workflow: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Runner:
        """As the environment of a step says."""
        return cls(
            summary=_file(environ, "GITHUB_STEP_SUMMARY"),
            outputs=_file(environ, "GITHUB_OUTPUT"),
            event=_event(_file(environ, "GITHUB_EVENT_PATH")),
            repository=environ.get("GITHUB_REPOSITORY", ""),
            api=environ.get("GITHUB_API_URL", "") or "https://api.github.com",
            workflow=environ.get("GITHUB_WORKFLOW", ""),
        )

    @property
    def pull_request(self) -> int | None:
        """The number of the pull request that this run is about; None: it is about none."""
        told = self.event.get("pull_request")
        number = told.get("number") if isinstance(told, Mapping) else None
        return number if isinstance(number, int) else None

    def say(self, line: str) -> None:
        """One line that the runner may take for a command: ours, or an annotation."""
        sys.stdout.write(f"{line}\n")

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Whatever is printed meanwhile is for people: no line of it commands the runner, wherever it is printed.

        The word that ends it is not to be guessed. After an error that nobody foresaw it is not said: what Python still
        prints of it is unheard too.
        """
        word = secrets.token_hex(16)
        self.say(f"::stop-commands::{word}")
        sys.stdout.flush()
        # Two pipes come to the runner in no order: what is printed on the other would be heard.
        with redirect_stderr(sys.stdout):
            try:
                yield
            except typer.Exit:
                self._hear(word)
                raise
        self._hear(word)

    def _hear(self, word: str) -> None:
        sys.stdout.flush()
        # A line of its own, whatever was printed last.
        self.say(f"\n::{word}::")

    def output(self, values: Mapping[str, str]) -> None:
        """Outputs of this step, each between marks that nobody can guess."""
        if self.outputs is None:
            return
        with self.outputs.open("a", encoding="utf-8", newline="\n") as file:
            for name, value in values.items():
                mark = f"mark-{secrets.token_hex(16)}"
                file.write(f"{name}<<{mark}\n{value}\n{mark}\n")

    def summarise(self, page: Callable[[int], str]) -> None:
        """Add a page to this step's summary, as much of it as there is room for.

        Args:
            page: makes it; given the bytes that rows of tables may take.
        """
        if self.summary is None:
            return
        there = self.summary.stat().st_size if self.summary.exists() else 0
        left = SUMMARY - there
        text = fitted(page(max(0, left - _AROUND)), left)
        with self.summary.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _event(file: Path | None) -> Mapping[str, Any]:
    try:
        told = json.loads(file.read_text(encoding="utf-8")) if file is not None else {}
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
