"""The Action, run as a runner would: every step of ``action.yml``, on the sandbox, told in files and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from action_runner import Jobs, environment

from product import Shop
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Path:
    """An environment as the cache would bring it."""
    return environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture
def jobs(tmp_path: Path, made: Path) -> Iterator[tuple[Jobs, Shop]]:
    """A repository with the sample shop's configuration in it, checked out where a path has blanks."""
    workspace = tmp_path / "my work space"
    workspace.mkdir()
    with running(Options()) as sandbox:
        base = tmp_path / "runner"
        base.mkdir()
        yield Jobs(workspace, base, made), Shop(sandbox, workspace)


def test_a_check_is_told_everywhere(jobs: tuple[Jobs, Shop]) -> None:
    job, shop = jobs
    done = job.run(jira_token="any", sarif="out/check.sarif", report="out dir/report.md")

    assert not done.ok
    assert done.outputs["exit-code"] == "1"
    assert done.outputs["errors"] != "0"
    assert done.summary.startswith("## trackersync: ")
    assert done.annotations("error")
    assert (shop.folder / "out" / "check.sarif").is_file()
    assert (shop.folder / "out dir" / "report.md").read_text(encoding="utf-8").startswith("## trackersync: ")
    assert done.outputs["report"] == "out dir/report.md"
    assert "actions/cache/save" in done.ran
