"""The Jira connector: issues of Jira Cloud and Data Center as items, their status, resolution and assignee as facts.

Start with ``tracker``: what it promises and where each promise is kept.

``settings`` is what the configuration says; ``opening`` finds out which Jira it is and the ids of its fields, ``site``
holds that; ``access`` asks through ``library`` what we may do, ``scoped`` what a token with scopes needs, ``anonymous``
is for nobody; ``limits`` is what Jira allows whoever bears it. ``api`` asks, ``ways`` knows where an issue is asked
for, ``shapes`` and ``listed`` are how answers look and ``shaped`` mends those that look otherwise, ``refusals`` puts
Jira's refusals into words, and ``several`` asks side by side.

``query`` and ``keyset`` decide, purely, what a search asks next; ``crawl`` walks it, ``reading`` makes pages of it, and
``lookup`` looks at single issues. ``items`` translates an issue, with ``document`` for texts, ``users`` for people,
``customs`` for fields of one's own, ``relations`` and ``remote`` for links, ``names`` for what has an id.

``vocabulary`` tells the places of a stage. ``writing`` carries a change out: ``walking`` along transitions, of which
``screens`` and ``filling`` (by the rules of ``fill``) decide, purely, which is taken and what is filled in; ``places``
edits labels, components and a field, ``owners`` says who owns it, ``intended`` compares what came of it. ``workflows``
says how far paths are known, ``drawing`` reads how a workflow is drawn.

Before anything is mapped, ``offering`` lists the projects and ``surveying`` what stages could be told by, with
``boards``. ``examining`` says how well all is set up: ``standing`` who we are, ``reaching`` how far issues can be led.

``history`` tells who changed what, from ``changelog``; ``listener`` says what a webhook's delivery names, and
``payload`` is how deliveries look.
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
    containers_key="projects",
    example="SHOP",
)

__all__ = ["JiraConnector", "JiraSettings", "connector"]
