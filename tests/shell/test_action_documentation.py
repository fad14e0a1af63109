"""What the page about the Action says is what ``action.yml`` and the shipped workflows have."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from product import CHECKOUT
from trackersync_github.job import surroundings
from trackersync_github.settings import GithubSettings

PAGE = CHECKOUT.joinpath("docs", "github-action.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load(CHECKOUT.joinpath("action.yml").read_text(encoding="utf-8"))


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_every_input_stands_in_the_table_as_the_action_has_it() -> None:
    told = {name.strip("`"): (default.strip("`"), text) for name, default, text in rows("Inputs")}
    has = {name: (one.get("default", ""), one["description"]) for name, one in ACTION["inputs"].items()}
    assert told == has
    assert list(told) == list(has)


def test_every_output_stands_in_the_table_as_the_action_has_it() -> None:
    assert [(name.strip("`"), text) for name, text in rows("Outputs")] == [
        (name, one["description"]) for name, one in ACTION["outputs"].items()
    ]


def test_every_shipped_workflow_is_named_with_what_it_is_for() -> None:
    linked = re.findall(r"^\| \[([\w.-]+)\]\(\.\./config/workflows/([\w.-]+)\)", PAGE, re.MULTILINE)
    assert all(shown == file for shown, file in linked)
    shipped = {file.name for file in CHECKOUT.glob("config/workflows/*")}
    assert {file for _, file in linked} == shipped
    assert set(re.findall(r"trackersync-[a-z-]+\.yaml", PAGE)) == shipped


def test_every_permission_that_a_shipped_workflow_takes_is_explained() -> None:
    explained = set(re.findall(r"`([a-z-]+: (?:read|write))`", section("Permissions")))
    for file in CHECKOUT.glob("config/workflows/*.yaml"):
        for job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values():
            taken = {f"{name}: {level}" for name, level in job["permissions"].items()} - {"actions: read"}
            assert taken <= explained, file.name


def test_what_the_program_points_to_is_there() -> None:
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/shop"}
    settings = GithubSettings.model_validate({"connector": "github", "repositories": ["acme/pay"], "token": "ghs_job"})
    *_, warning = surroundings(settings, environ)
    assert warning.remedy.endswith("docs/github-action.md, What GITHUB_TOKEN cannot do")
    assert section("What GITHUB_TOKEN cannot do")


@pytest.mark.parametrize("title", ["Who sees what", "State between runs", "Pull requests from forks"])
def test_what_workflows_and_readme_point_to_is_there(title: str) -> None:
    assert section(title)
