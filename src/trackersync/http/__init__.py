"""The wire: how every connector talks to its tracker, and the only place that knows the HTTP library.

``wire`` decides what is asked again and when; ``exchange`` sends; ``rates`` tells, from values alone, what a refusal
means and how long to wait; ``breaks`` puts a broken connection into words. Whoever opens an ``HttpWire`` closes it.
"""

from trackersync.http.exchange import Log
from trackersync.http.trail import trail
from trackersync.http.wire import Counters, HttpWire, SystemClock

__all__ = ["Counters", "HttpWire", "Log", "SystemClock", "trail"]
