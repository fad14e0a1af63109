"""One comment on the pull request that a run is about: found again by a hidden mark, and edited in place.

It goes with the job's own token, whose comments are the app's and nobody else's: what a person wrote is never edited,
although it may hold the same mark. That it may not be written fails nothing: on a fork's pull request the token only
reads ("Automatic token authentication", permissions of forked repositories).
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from trackersync import __version__
from trackersync.config.address import trouble_with_url
from trackersync.connector import Answer
from trackersync.errors import TrackersyncError
from trackersync.http import HttpWire, SystemClock
from trackersync.report.page import fitted
from trackersync.report.safe import markdown

if TYPE_CHECKING:
    from trackersync.cli.action.acted import Acted
    from trackersync.cli.action.inputs import Inputs
    from trackersync.cli.action.runner import Runner

LONGEST = 65_000
"""Of a comment GitHub takes 65,536 letters."""
_ROWS = 60
_TABLES = 45_000
_PAGES = 20
"""Pages of 100 comments that are searched for ours, from the oldest on: it is among the first."""


def comment(inputs: Inputs, runner: Runner, acted: Acted) -> str:
    """Write the comment, or edit the one there is.

    Returns:
        why it was not written, in Markdown; empty where it was.
    """
    number = runner.pull_request
    if number is None:
        return "`comment` is true, and this run is about no pull request: nothing was commented."
    token = inputs.job_token
    if not token.get_secret_value() or not runner.repository:
        return "Not commented: the job's token is not known here."
    if trouble_with_url(runner.api) is not None:
        return "Not commented: GITHUB_API_URL is no address that a token may be sent to."
    mark = f"<!-- trackersync {_name(inputs, runner)} -->\n"
    body = mark + fitted(acted.page(_TABLES, _ROWS), LONGEST - len(mark))
    try:
        return asyncio.run(_written(inputs, runner, number, mark, body))
    except TrackersyncError as error:
        return f"Not commented on the pull request: {markdown(str(error))}"


def _name(inputs: Inputs, runner: Runner) -> str:
    """What tells this comment from those of other workflows, commands and configurations."""
    told = "\n".join((runner.workflow, inputs.command, str(inputs.config or "")))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


async def _written(inputs: Inputs, runner: Runner, number: int, mark: str, body: str) -> str:
    token = inputs.job_token
    bearer = type(token)(f"Bearer {token.get_secret_value()}")

    async def authorization() -> Any:  # noqa: ANN401 - a SecretStr, whose class pydantic has
        return bearer

    headers = {"Accept": "application/vnd.github+json", "User-Agent": f"trackersync/{__version__}"}
    wire = HttpWire("github", runner.api, authorization, headers, SystemClock(), writes=("comment",), patience=30.0)
    async with wire:
        issue = f"/repos/{runner.repository}/issues"
        found = await _ours(wire, f"{issue}/{number}/comments", mark)
        if isinstance(found, Answer):
            return _refused(found)
        if found is None:
            path, method = f"{issue}/{number}/comments", "POST"
        else:
            path, method = f"{issue}/comments/{found}", "PATCH"
        answer = await wire.write(method, path, fact="comment", json={"body": body}, creates=found is None)
        return "" if answer.status in (200, 201) else _refused(answer)


class _By(msgspec.Struct):
    type: str = ""


class _Comment(msgspec.Struct):
    id: int
    body: str | None = ""
    user: _By | None = None


async def _ours(wire: HttpWire, path: str, mark: str) -> int | Answer | None:
    """The id of our comment; None where there is none; or the answer that showed no comments."""
    for number in range(1, _PAGES + 1):
        answer = await wire.read("GET", path, params={"per_page": 100, "page": number})
        if answer.status != 200:
            return answer
        comments = _read(answer)
        for one in comments:
            # GitHub gives lines of a comment back as a browser would send them.
            body = (one.body or "").replace("\r\n", "\n")
            if body.startswith(mark) and one.user is not None and one.user.type == "Bot":
                return one.id
        if len(comments) < 100:
            return None
    return None


def _read(answer: Answer) -> list[_Comment]:
    try:
        return msgspec.json.decode(answer.body, type=list[_Comment])
    except msgspec.DecodeError:
        return []


def _refused(answer: Answer) -> str:
    if answer.status in (403, 404):
        return (
            "Not commented on the pull request: the job's token may not. Give the job `pull-requests: write`; on the "
            "pull request of a fork it only reads, whatever the workflow says."
        )
    return f"Not commented on the pull request: GitHub answered {answer.status}."
