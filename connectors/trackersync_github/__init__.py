"""GitHub issues as trackersync sees them.

``settings`` is what the configuration says, ``selection`` which repositories it means; ``app`` is the credential,
``limits`` what GitHub allows whoever bears it;
``discovery`` and ``names`` find the repositories, ``access`` what is missing to work with them;
``vocabulary`` the places a stage can live; ``wire`` translates the API's
JSON and its refusals, purely; ``keyset`` decides, purely, what a listing asks next; ``listing`` and ``lookup`` read,
``history`` who changed what;
``listener`` says what a webhook's delivery names, and ``payload`` is how deliveries look;
``completing`` adds what an issue's JSON does not show: ``board`` (``board_rest``, or ``board_graph`` over ``graphql``)
and ``fields``; ``places`` finds what a change's names stand for;
``steps`` decides, purely, which writes a change takes, and ``writing`` sends them; ``library`` is what PyGithub does
for us; ``offering`` and ``surveying`` (with ``board_survey``) show what there is before anything is mapped, and
``examining`` (with ``existing``, ``excess``, ``job`` and ``hooked``) how well it is set up; ``tracker`` is the
connector that puts them together.
"""

from trackersync.connector import SDK, Plugin
from trackersync_github.app import authorization
from trackersync_github.job import surroundings
from trackersync_github.limits import identity, limits
from trackersync_github.settings import PACE, GithubSettings, addresses, containers, headers, words
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
    history=True,
    words=words,
    limits=limits,
    identity=identity,
    surroundings=surroundings,
    containers_key="repositories",
    example="acme/shop",
)
"""What the entry point ``github`` of the group ``trackersync.connectors`` names."""
