"""What a plug-in's own tests need, and what ours use: a contract, trackers in memory, trouble on purpose.

``ConnectorContract`` is the test class every connector inherits; ``MemoryTracker`` and ``MemoryConnector`` are a whole
tracker in a dict; ``FaultyConnector`` makes any connector's network fail as told; ``VirtualClock`` takes no time.
``RuleContract`` is what the tests of a rule inherit; ``given``, ``task``, ``issue`` and ``ticket`` make it a world.
Installed with the extra ``trackersync[testing]``. Imported by tests and by those who write plug-ins, never by the
program.
"""

from trackersync.testing.clock import MachineClock, VirtualClock
from trackersync.testing.contract import ConnectorContract
from trackersync.testing.driver import TrackerDriver
from trackersync.testing.faults import Crash, Faults, Scripted, Seeded, Trouble
from trackersync.testing.faulty import FaultyConnector
from trackersync.testing.memory import MemoryConnector
from trackersync.testing.rule_world import issue, task, ticket
from trackersync.testing.rules import Given, RuleContract, given
from trackersync.testing.shapes import GITHUB_LIKE, JIRA_LIKE, Shape, jira_like
from trackersync.testing.tracker import MemoryTracker

__all__ = [
    "GITHUB_LIKE",
    "JIRA_LIKE",
    "ConnectorContract",
    "Crash",
    "Faults",
    "FaultyConnector",
    "Given",
    "MachineClock",
    "MemoryConnector",
    "MemoryTracker",
    "RuleContract",
    "Scripted",
    "Seeded",
    "Shape",
    "TrackerDriver",
    "Trouble",
    "VirtualClock",
    "given",
    "issue",
    "jira_like",
    "task",
    "ticket",
]
