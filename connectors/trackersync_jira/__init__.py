"""The Jira connector: issues of Jira Cloud and Data Center as items, their status, resolution and assignee as facts.

Start with ``tracker``: what it promises and where each promise is kept. ``keyset`` decides how a project is read,
``screens`` which transition is taken and ``filling`` what its screen is filled in with; all are pure. ``walking`` takes
an issue along a path of them, and ``workflows`` says how far paths are known. ``vocabulary`` tells the places of a
stage, and ``places`` writes them. ``history`` reads who changed what from
``changelog``; ``listener`` says what a webhook's delivery names, and ``payload`` is how deliveries look. ``api`` asks,
``refusals`` puts Jira's refusals into words. ``opening`` finds out which Jira it is, and ``access`` what we may do.
"""

from trackersync.connector import SDK, Plugin
from trackersync_jira.limits import identity, limits
from trackersync_jira.settings import JiraSettings, addresses, authorization, containers, room
from trackersync_jira.tracker import JiraConnector
from trackersync_jira.vocabulary import VOCABULARY, WRITES

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
    history=True,
    limits=limits,
    identity=identity,
    room=room,
)

__all__ = ["JiraConnector", "JiraSettings", "connector"]
