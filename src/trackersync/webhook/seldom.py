"""Refusals in the log: the first at once, then how many there were, once a minute; nobody can fill a disk with them."""

from __future__ import annotations

import ipaddress
import logging
import time
from dataclasses import dataclass
from typing import Final

_EVERY: Final = 60.0

_log = logging.getLogger("trackersync.webhook")


@dataclass(slots=True)
class _Said:
    at: float
    since: int = 0


class Seldom:
    """Logs refused deliveries, by tracker."""

    def __init__(self) -> None:
        self._said: dict[str, _Said] = {}

    def refused(self, tracker: str, client: object, why: str) -> None:
        """Say that a delivery was refused.

        Args:
            tracker: a configured one, so that there are only so many.
            client: the sender as ASGI has it: address and port. Behind a proxy it is what the proxy says, so anything
                that is no address is not repeated.
            why: in a sentence of ours, that repeats nothing of what was sent.
        """
        now = time.monotonic()
        said = self._said.get(tracker)
        if said is not None and now - said.at < _EVERY:
            said.since += 1
            return
        before = f" ({said.since} more before it)" if said is not None and said.since else ""
        self._said[tracker] = _Said(now)
        _log.warning("%s; from %s%s", why, _address(client), before)


def _address(client: object) -> str:
    first = client[0] if isinstance(client, tuple | list) and client else ""
    try:
        return str(ipaddress.ip_address(first))
    except ValueError:
        return "an unknown address"
