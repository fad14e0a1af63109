"""trackersync: one delivery process across the trackers that hold it."""

__version__ = "0.1.0"
