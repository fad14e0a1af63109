"""A proposed stage for every status and label of a tracker, and the part of a configuration that says so.

Pure: signs of a tracker and a lexicon in, a proposal out. Nothing is decided by it; a person looks it over, and what
is unsure says so. See ``concepts`` for what words may mean, ``names`` for how a name is read, ``fitting`` for how a
meaning finds its stage in any process, ``proposing`` for how evidence is weighed, ``entries`` for the configuration.
"""

from trackersync.core.propose.entries import entries
from trackersync.core.propose.lexicon import Lexicon, Phrase
from trackersync.core.propose.proposal import Line, Proposal, Sighting
from trackersync.core.propose.proposing import propose

__all__ = ["Lexicon", "Line", "Phrase", "Proposal", "Sighting", "entries", "propose"]
