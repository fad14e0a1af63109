"""GitHub issues as trackersync sees them.

``settings`` is what the configuration says; ``vocabulary`` the places a stage can live; ``wire`` translates the API's
JSON and its refusals, purely; ``keyset`` decides, purely, what a listing asks next; ``listing`` and ``lookup`` read;
``steps`` decides, purely, which writes a change takes, and ``writing`` sends them; ``library`` is what PyGithub does
for us; ``tracker`` is the connector that puts them together.
"""

from trackersync.connector import SDK, Plugin
from trackersync_github.settings import PACE, GithubSettings, addresses, authorization, containers, headers, words
from trackersync_github.tracker import GithubConnector
from trackersync_github.vocabulary import VOCABULARY, WRITES

__all__ = ["GithubConnector", "GithubSettings", "connector"]

connector = Plugin(
    sdk=SDK,
    settings=GithubSettings,
    vocabulary=VOCABULARY,
    writes=WRITES,
    create=GithubConnector,
    authorization=authorization,
    addresses=addresses,
    containers=containers,
    headers=headers,
    pace=PACE,
    credentials=("token", "token_file", "app"),
    words=words,
)
"""What the entry point ``github`` of the group ``trackersync.connectors`` names."""
