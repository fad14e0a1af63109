"""The Jira connector: issues of Jira Cloud and Data Center as items, their status, resolution and assignee as facts.

Start with ``tracker``: what it promises and where each promise is kept. ``keyset`` decides how a project is read,
``screens`` which transition is taken; both are pure. ``api`` asks, ``refusals`` puts Jira's refusals into words.
"""

from trackersync.connector import SDK, Plugin
from trackersync_jira.settings import JiraSettings, addresses, authorization, containers
from trackersync_jira.tracker import VOCABULARY, WRITES, JiraConnector

connector = Plugin(
    sdk=SDK,
    settings=JiraSettings,
    vocabulary=VOCABULARY,
    writes=WRITES,
    create=JiraConnector,
    authorization=authorization,
    addresses=addresses,
    containers=containers,
    # Data Center takes a POST without it for a forged form of a browser.
    headers=lambda _: {"Accept": "application/json", "X-Atlassian-Token": "no-check"},
    # Jira allows 20 writes to one issue in 2 seconds ("Rate limiting", per-issue write limits).
    pace=0.1,
)

__all__ = ["JiraConnector", "JiraSettings", "connector"]
