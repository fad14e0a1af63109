"""What can be said of a set-up from values alone: how far the mapping reaches, who is missing, what a run takes.

Each function gives checks as ``doctor`` shows them. What takes a request, a clock or a file is the shell's to find out:
``pipeline.examining`` asks, and hands over what it saw.
"""

from trackersync.core.examine.coverage import Coverage, Unplaced, covered, mapping
from trackersync.core.examine.named import named
from trackersync.core.examine.requests import usual
from trackersync.core.examine.team import people, roles

__all__ = ["Coverage", "Unplaced", "covered", "mapping", "named", "people", "roles", "usual"]
