"""What the tests of the configuration share: two small connectors, a sound file, and a way to point into one."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from trackersync.connector import SDK, Capacity, Matcher, Plugin, TrackerSettings, Vocabulary
from trackersync.registry import Registry

ENVIRON = {"GITHUB_TOKEN": "ghp_sesame0123456789", "JIRA_TOKEN": "ATATTsesame9876543210"}

SOUND = """\
delivery: delivery
trackers:
  github:
    connector: github
    url: https://api.github.com
    repositories: [acme/shop]
    token: ${GITHUB_TOKEN}
    stages:
      idea:   {labels: ["stage: idea"]}
      build:  {labels: ["stage: build"]}
      done:   {state: closed, reason: completed}
  jira:
    connector: jira
    url: https://acme.atlassian.net
    projects: [SHOP]
    email: bot@acme.example
    token: ${JIRA_TOKEN}
    stages:
      idea:   {statuses: [Backlog, To Do]}
      build:  {statuses: [In Progress]}
      verify: {statuses: [In Progress]}
      done:   {statuses: [Done], set: {resolution: Done}}
sync:
  stage: {authority: changed, adopt: ask}
people:
  - {name: ada-l, github: ada-l, jira: [u1], roles: [engineer]}
  - {name: grace-h, github: grace-h, jira: [u2, u3], email: Grace-H@acme.example, roles: [engineer, QA tester]}
links: [[SHOP-42, acme/shop#17]]
limits: {changes: 500, share: 20%}
"""


class GithubSettings(TrackerSettings):
    url: str = "https://api.github.com"
    repositories: list[str] = Field(min_length=1)


class JiraSettings(TrackerSettings):
    projects: list[str]
    email: str | None = None
    webhook_secret: SecretStr | None = None

    @field_validator("projects")
    @classmethod
    def _keys(cls, keys: list[str]) -> list[str]:
        for key in keys:
            if not re.fullmatch("[A-Z]+", key):
                raise ValueError(f'"{key}" is no project key')
        return keys


def plugin(settings: type[TrackerSettings], matchers: tuple[Matcher, ...], sdk: int = SDK) -> Plugin:
    writes = {matcher.fact: Capacity(1) for matcher in matchers} | {"owners": Capacity(1)}
    return Plugin(
        sdk=sdk,
        settings=settings,
        vocabulary=Vocabulary(matchers),
        writes=writes,
        create=None,
        authorization=None,
        addresses=lambda part: (part.url,),
        containers=lambda part: tuple(getattr(part, "repositories", None) or part.projects),
    )


GITHUB = plugin(
    GithubSettings,
    (
        Matcher("labels", "labels", shared=True),
        Matcher("state", "state", values=("open", "closed")),
        Matcher("reason", "reason", values=("completed", "not_planned", "duplicate", "reopened")),
    ),
)
JIRA = plugin(JiraSettings, (Matcher("statuses", "status"), Matcher("resolutions", "resolution")))
REGISTRY = Registry({"github": lambda: GITHUB, "jira": lambda: JIRA})


def pointed(text: str) -> tuple[str, int, int, int]:
    """A text without its «marks», and the line, column and width of what they enclosed."""
    before, _, rest = text.partition("«")
    inside, _, after = rest.partition("»")
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return before + inside + after, line, column, len(inside)


def written(folder: Path, text: str, name: str = "trackersync.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
