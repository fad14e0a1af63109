"""The wire: how every connector talks to its tracker, and the only place that knows the HTTP library.

``wire`` decides what is asked again and when; ``exchange`` sends; ``budget`` lets requests pass, as many as the tracker
allows all who share a credential, and ``budgets`` knows who does; ``errand`` is one request on its way; ``windows`` has
the limits of issues and endpoints apart, and ``window`` keeps the books of one; ``rates`` tells, from values alone,
what a refusal means and how long to wait; ``trust`` has the certificates; ``breaks`` and ``troubles`` put what went
wrong into words. Whoever opens an ``HttpWire`` closes it.
"""

from trackersync.http.budget import Budget
from trackersync.http.budgets import BUDGETS, Budgets
from trackersync.http.clock import SystemClock
from trackersync.http.counters import Counters
from trackersync.http.errand import Told
from trackersync.http.exchange import Log
from trackersync.http.trail import trail
from trackersync.http.wire import HttpWire

__all__ = ["BUDGETS", "Budget", "Budgets", "Counters", "HttpWire", "Log", "SystemClock", "Told", "trail"]
