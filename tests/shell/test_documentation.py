"""What the documentation tells people to write is taken, and every key that there is stands in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from config_samples import ENVIRON, written

from github_apps import keys
from product import CHECKOUT, invoke
from trackersync.config import load
from trackersync.registry import Registry
from trackersync_github import GithubSettings
from trackersync_github import connector as github
from trackersync_jira import JiraSettings
from trackersync_jira import connector as jira

if TYPE_CHECKING:
    from pathlib import Path

    from trackersync.connector import TrackerSettings

README, GITHUB, JIRA = CHECKOUT / "README.md", CHECKOUT / "docs" / "github.md", CHECKOUT / "docs" / "jira.md"
WEBHOOKS = CHECKOUT / "docs" / "webhooks.md"
TRACKERS: dict[str, dict[str, Any]] = {
    "github": {
        "connector": "github",
        "repositories": ["acme/shop"],
        "token": "${GITHUB_TOKEN}",
        "stages": {"build": {"labels": "stage: build"}},
    },
    "jira": {
        "connector": "jira",
        "url": "https://jira.acme.example",
        "projects": ["SHOP"],
        "token": "${JIRA_TOKEN}",
        "field": "Delivery stage",
        "stages": {"build": {"statuses": "In Progress"}},
    },
}
ENVIRONMENT = ENVIRON | {"APP_KEY": keys()[0], "HOOK_SECRET": "sesame", "WEBHOOK_SECRET": "sesame"}


def blocks(file: Path) -> list[str]:
    """The YAML in a file."""
    return re.findall(r"^```yaml\n(.*?)^```", file.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def taken(folder: Path, text: str) -> None:
    written(folder, text)
    registry = Registry({"github": lambda: github, "jira": lambda: jira})
    assert all(load(registry=registry, folder=folder, environ=ENVIRONMENT).rules.values())


def test_the_configuration_that_webhooks_need_is_sound(tmp_path: Path) -> None:
    (text,) = blocks(WEBHOOKS)
    written(tmp_path, text)
    found = load(
        registry=Registry({"github": lambda: github, "jira": lambda: jira}), folder=tmp_path, environ=ENVIRONMENT
    )
    assert found.settings.service.address == "https://sync.acme.example"


def test_the_configuration_in_the_readme_is_sound(tmp_path: Path) -> None:
    (text,) = blocks(README)
    written(tmp_path, "name,email,roles,github,jira\nada-l,,engineer,ada-l,u1\n", "people.csv")
    taken(tmp_path, text)


@pytest.mark.parametrize(("name", "text"), [(file.stem, text) for file in (GITHUB, JIRA) for text in blocks(file)])
def test_every_part_of_a_tracker_that_is_shown_is_sound(tmp_path: Path, name: str, text: str) -> None:
    taken(tmp_path, yaml.safe_dump({"trackers": {name: TRACKERS[name] | yaml.safe_load(text)}}, sort_keys=False))


@pytest.mark.parametrize(("file", "settings"), [(GITHUB, GithubSettings), (JIRA, JiraSettings)])
def test_every_key_of_a_tracker_is_in_the_documentation(file: Path, settings: type[TrackerSettings]) -> None:
    told = README.read_text(encoding="utf-8") + file.read_text(encoding="utf-8")
    missing = [key for key in settings.model_fields if not re.search(rf"\b{key}\b\W?:|`{key}`", told)]
    assert not missing, f"say in docs/{file.name} what these are for: {missing}"


def test_every_link_leads_somewhere() -> None:
    for file in (README, CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / link).exists(), f"{file.name}: {link}"


def test_every_command_is_in_the_readme() -> None:
    commands = re.findall(r"^  ([a-z]+) {2,}", invoke("--help").out.partition("Look:")[2], re.MULTILINE)
    told = README.read_text(encoding="utf-8")
    assert len(commands) > 15
    assert not [command for command in commands if not re.search(rf"`{command}\b", told)]
