"""Made-up issues in any number: pairs across both trackers, of the size that real ones have, and a configuration."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from trackersync.sandbox import Options

if TYPE_CHECKING:
    from pathlib import Path

BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
STATUSES = (("Open", "new", "1"), ("In Progress", "indeterminate", "3"), ("Resolved", "done", "5"))
TEXT = "What the customer sees, and what should happen instead. " * 30
"""About 1.7 kB: with what the vendor adds, an answer weighs about 5 kB an issue, as measured on real ones."""
PEOPLE = ("ada-l", "grace-h", "alan-t", "kath-j")


def options(folder: Path, issues: int) -> Options:
    """Write ``issues`` pairs into files of both kinds, for a sandbox to load."""
    with (folder / "jira.jsonl").open("w", encoding="utf-8") as jira:
        jira.writelines(_jira(number) + "\n" for number in range(1, issues + 1))
    with (folder / "github.jsonl").open("w", encoding="utf-8") as github:
        github.writelines(_github(number) + "\n" for number in range(1, issues + 1))
    return Options(
        repository="acme/shop", project="SHOP", load_jira=folder / "jira.jsonl", load_github=folder / "github.jsonl"
    )


def _moment(number: int) -> str:
    return (BEGUN + timedelta(minutes=7 * number)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _jira(number: int) -> str:
    name, category, status = STATUSES[min(number % 8, 2)]
    who = PEOPLE[number % len(PEOPLE)]
    user = {"name": who, "accountId": who, "displayName": who} if number % 3 else None
    fields: dict[str, Any] = {
        "summary": f"Task {number}",
        "description": TEXT,
        "status": {"name": name, "id": status, "statusCategory": {"key": category}},
        "resolution": {"name": "Fixed", "id": "1"} if category == "done" else None,
        "created": _moment(number),
        "updated": _moment(number),
        "assignee": user,
        "labels": [],
    }
    return json.dumps({"id": str(10_000 + number), "key": f"SHOP-{number}", "fields": fields})


def _github(number: int) -> str:
    who = PEOPLE[number % len(PEOPLE)]
    category = STATUSES[min(number % 8, 2)][1]
    return json.dumps(
        {
            "number": number,
            "title": f"Task {number}",
            "body": f"Jira: https://acme.atlassian.net/browse/SHOP-{number}\n\n{TEXT}",
            "state": "closed" if category == "done" else "open",
            "state_reason": "completed" if category == "done" else None,
            "labels": [{"name": "stage: build"}] if category == "indeterminate" else [],
            "assignees": [{"login": who}] if number % 3 else [],
            "user": {"login": who},
            "created_at": _moment(number).replace(".000+0000", "Z"),
            "updated_at": _moment(number).replace(".000+0000", "Z"),
        }
    )


def configuration(github_url: str, jira_url: str, *trackers: str) -> str:
    """The text of a configuration for these trackers."""
    parts = {
        "github": f"""
  github:
    connector: github
    url: {github_url}
    repositories: [acme/shop]
    token: ${{GITHUB_TOKEN}}
    stages:
      build: {{labels: ["stage: build"]}}
      done: {{state: closed, reason: completed}}""",
        "jira": f"""
  jira:
    connector: jira
    url: {jira_url}
    aliases: [https://acme.atlassian.net]
    projects: [SHOP]
    email: bot@acme.example
    token: ${{JIRA_TOKEN}}
    stages:
      idea: {{statuses: [Open]}}
      build: {{statuses: [In Progress]}}
      done: {{statuses: [Resolved]}}""",
    }
    accounts = "".join(f"{{name: {who}, {', '.join(f'{t}: {who}' for t in trackers)}}}, " for who in PEOPLE)
    return f"delivery: delivery\ntrackers:{''.join(parts[name] for name in trackers)}\npeople: [{accounts}]\n"
