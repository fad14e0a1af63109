"""What the token of a workflow's job cannot do is said where it is one, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from github_board_doubles import PROJECT
from github_doubles import Clock, opened, served, shop

from trackersync.connector import Grade
from trackersync.sandbox.github.rights import Credential
from trackersync_github import GithubSettings, connector
from trackersync_github.job import JOB_TOKEN, of_a_job

TOKEN = "ghs_of_this_job"
JOB = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/shop"}


@pytest.mark.parametrize(
    ("token", "environ", "limit", "expected"),
    [
        pytest.param(TOKEN, {}, 1_000, False, id="not in a job"),
        pytest.param(TOKEN, {"GITHUB_ACTIONS": "false"}, 1_000, False, id="another says it is none"),
        pytest.param("github_pat_11AAA", JOB, None, False, id="a fine-grained token"),
        pytest.param("ghp_classic", JOB, None, False, id="a classic token"),
        pytest.param(TOKEN, JOB, None, True, id="nobody asked how much it may"),
        pytest.param(TOKEN, JOB, 1_000, True, id="a thousand requests"),
        pytest.param(TOKEN, JOB, 5_000, False, id="an App's installation has more"),
        pytest.param(TOKEN, JOB | {JOB_TOKEN: TOKEN}, 15_000, True, id="the Action says it is"),
        pytest.param("ghs_of_an_app", JOB | {JOB_TOKEN: TOKEN}, 1_000, False, id="the Action says it is another"),
    ],
)
def test_a_jobs_own_token(token: str, environ: dict[str, str], limit: int | None, expected: bool) -> None:
    assert of_a_job(token, environ, limit) is expected


def said(environ: dict[str, str] = JOB, **settings: Any) -> list[tuple[Grade, str]]:  # noqa: ANN401  # a tracker's keys
    whole = {"connector": "github", "repositories": ["acme/shop"], "token": TOKEN} | settings
    checks = connector.surroundings(GithubSettings.model_validate(whole), environ)
    assert not [check for check in checks if TOKEN in f"{check}"]
    assert all(check.name == "token" for check in checks)
    assert all(check.remedy for check in checks if check.grade is Grade.WARNING)
    return [(check.grade, check.said) for check in checks]


USUALLY = (
    Grade.NOTE,
    "GITHUB_TOKEN, the job's own: 1,000 requests an hour for the whole repository; what it writes starts no workflow",
)
ALONE = "GITHUB_TOKEN is acme/shop's alone: {} is read only if public"


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        pytest.param({}, None, id="its own repository"),
        pytest.param({"repositories": ["ACME/Shop"]}, None, id="in other letters"),
        pytest.param({"repositories": ["acme/pay"]}, ALONE.format("acme/pay") + " and never written", id="another"),
        pytest.param(
            {"repositories": ["acme/shop", "acme/*", "!acme/old", "acme/pay"]},
            ALONE.format("acme/* and 1 more") + " and never written",
            id="a pattern, and another",
        ),
        pytest.param(
            {"project": {"owner": "acme", "number": 5}},
            "GITHUB_TOKEN reaches no board (Projects v2), and `project` names one",
            id="a board",
        ),
    ],
)
def test_what_it_cannot_do(settings: dict[str, Any], warning: str | None) -> None:
    assert said(**settings) == [USUALLY, *([] if warning is None else [(Grade.WARNING, warning)])]


def test_what_is_only_read() -> None:
    assert said(writes=[], repositories=["acme/pay"]) == [
        (Grade.NOTE, USUALLY[1].partition(";")[0]), (Grade.WARNING, ALONE.format("acme/pay"))
    ]  # fmt: skip


def test_nothing_is_said_where_it_is_no_job_or_there_is_no_token() -> None:
    assert said({}, repositories=["acme/pay"]) == []
    assert said(token=None, anonymous=True) == []


@pytest.mark.parametrize(("limit", "told"), [(1_000, 2), (5_000, 0)])
async def test_an_examination_knows_a_jobs_token_by_what_it_may_send(
    monkeypatch: pytest.MonkeyPatch, limit: int, told: int
) -> None:
    for name, value in JOB.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(JOB_TOKEN, raising=False)
    model = shop()
    model.hub.credentials[TOKEN] = Credential(login="")
    model.hourly = limit
    async with opened(served(model), clock=Clock(), token=TOKEN, project=PROJECT) as it:
        checks = [check async for check in it.github.examine({})]
    assert len([check for check in checks if check.said.startswith("GITHUB_TOKEN")]) == told
