"""Where trackers are found: their own addresses, and which item one of their URLs names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trackersync.core.model import Vocabulary


@dataclass(frozen=True, slots=True)
class Address:
    """Where a tracker's own pages are found: its addresses, and how its URLs name an item."""

    tracker: str
    bases: tuple[str, ...]
    vocabulary: Vocabulary


class Place:
    """One tracker's addresses, ready for matching."""

    def __init__(self, address: Address) -> None:
        self.tracker = address.tracker
        self._addresses = address.bases
        self.bases = tuple(_bare_url(base).rstrip("/") + "/" for base in address.bases)
        self.forms = tuple((re.compile(form.pattern), form.key) for form in address.vocabulary.url_forms)

    def key(self, url: str) -> str | None:
        """The key a URL of this tracker names; empty when it is this tracker's but names no item; None when foreign."""
        bare = _bare_url(url)
        for base in self.bases:
            if bare.startswith(base):
                rest = "/" + bare[len(base) :]
                for pattern, template in self.forms:
                    if match := pattern.search(rest):
                        return match.expand(template)
                return ""
        return None

    def at(self, address: str) -> bool:
        """Whether this tracker is found at an address."""
        return any(same_address(address, base) for base in self._addresses)


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are the same but for scheme, the host's case and a slash at the end."""
    return _bare_url(one).rstrip("/") == _bare_url(other).rstrip("/")


def _bare_url(url: str) -> str:
    host, slash, path = url.partition("://")[2].partition("/")
    return host.casefold() + slash + path
