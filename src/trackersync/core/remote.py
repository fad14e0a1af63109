"""A link that an item carries to an item of another tracker, visible to people, and by which trackers meet again.

Jira calls it a remote link. Its ``globalId`` names the other item by what never changes, the tracker's address and the
item's id, so that writing it twice is writing it once, whatever is renamed in between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

LONGEST = 255
"""Characters of a global id (Atlassian, "The Jira Cloud platform REST API" v3, ``RemoteIssueLinkRequest``)."""

_OURS = re.compile(r"system=([^&\s]+)&item=([^&\s]+)")


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A link of ours, as the fact ``links`` holds it: one text, ``{global id} {url} {title}``.

    Attributes:
        global_id: ``system={address of the other tracker}&item={id of the other item}``.
        url: the other item's page for people.
        title: what people see of it: its key, never its own title.
    """

    global_id: str
    url: str
    title: str

    @classmethod
    def to(cls, address: str, item: str, url: str, title: str) -> RemoteLink:
        """The link to an item, by its tracker's address and its id."""
        name = f"system={quote(address.rstrip('/'), safe=':/')}&item={quote(item, safe=':/')}"
        return cls(name, quote(url, safe=_PLAIN), " ".join(title.split()))

    @classmethod
    def parse(cls, text: str) -> RemoteLink | None:
        """The link that a value of the fact holds; None where its global id is not of our form."""
        name, _, rest = text.partition(" ")
        url, _, title = rest.partition(" ")
        return cls(name, url, title) if _OURS.fullmatch(name) else None

    @classmethod
    def shown(cls, global_id: str | None, url: str | None, title: str | None) -> RemoteLink | None:
        """A link as a tracker shows it; None where it is not ours: it is never touched, and never a fact."""
        if not _OURS.fullmatch(global_id or ""):
            return None
        return cls(global_id or "", quote(url or "", safe=_PLAIN), " ".join((title or "").split()))

    @property
    def text(self) -> str:
        """As the fact ``links`` holds it."""
        return f"{self.global_id} {self.url} {self.title}"

    @property
    def system(self) -> str:
        """The address of the other tracker."""
        found = _OURS.fullmatch(self.global_id)
        return unquote(found[1]) if found else ""

    @property
    def item(self) -> str:
        """The id of the other item."""
        found = _OURS.fullmatch(self.global_id)
        return unquote(found[2]) if found else ""


_PLAIN = "!#$%&'()*+,/:;=?@[]~"
"""What a URL may hold besides letters and digits (RFC 3986): all else, blanks before all, is encoded."""


def titles(texts: tuple[str, ...]) -> str:
    """Links in words, by what people see of them; ``no link`` for none."""
    found = (RemoteLink.parse(text) for text in texts)
    return " + ".join(link.title or link.url for link in found if link is not None) or "no link"
