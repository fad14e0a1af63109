"""Passwords in addresses: where they stand, so that no address is ever shown with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

MASK = "•••"
_QUERY = re.compile(r"\?(?=[\w.%+-]+=)")
"""Where a query begins; a password may hold a question mark as well."""
_PART = re.compile(r"(?<=[?&])([^=&?]+)=([^&]+)")
_PASSWORDS = frozenset({"password", "sslpassword"})
_HIDDEN = _PASSWORDS | {"passfile"}
"""Parameters of libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS."""
_SOUND = re.compile(r"(?:[^:/@]*(?::[^@]*)?@)?[^@]*")
"""USER:PASSWORD@ and then no more ``@``: whoever reads it takes the same part for the password."""
_FILE = re.compile(r"sqlite(\+\w+)?$")
_WORD = re.compile(r"[^\s\"'<>]+://\S+")


def masked_address(address: str) -> str:
    """An address with user and password, and every password of its query, as ``•••``; everything else as it is.

    What stands before the last ``@`` counts as user and password, whatever a driver makes of it: a password may hold a
    bare ``/``, ``@`` or ``?``. The path of a SQLite file, which has none, is left alone.
    """
    return _masked(address, secret_spans(address))


def masked_addresses(text: str) -> str:
    """A text with every address in it as ``masked_address`` shows it."""
    return _WORD.sub(lambda found: masked_address(found[0]), text)


def address_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where, in a text, the addresses in it hold user, password, or a password in the query."""
    for word in _WORD.finditer(text):
        yield from ((word.start() + begin, word.start() + end) for begin, end in secret_spans(word[0]))


def secret_spans(address: str) -> tuple[tuple[int, int], ...]:
    """Where an address holds user and password, and passwords in its query; in its order, none over another."""
    scheme, found, _ = address.partition("://")
    if not found or _FILE.search(scheme):
        return ()
    begin = len(scheme) + len(found)
    head = _head(address)
    end = head.rfind("@") if "@" in head[begin:] else address.rfind("@")
    user = [(begin, end)] if end > begin else []
    query = [part.span(2) for part in _PART.finditer(address) if unquote(part[1]).casefold() in _HIDDEN]
    return tuple(user + [(first, last) for first, last in query if first >= end])


def passwords(address: str) -> tuple[str, ...]:
    """The passwords that stand in an address, as they are written there."""
    scheme, found, _ = address.partition("://")
    if not found or _FILE.search(scheme):
        return ()
    user = [address[first:last] for first, last in secret_spans(address)[:1] if address[last : last + 1] == "@"]
    query = [part[2] for part in _PART.finditer(address) if unquote(part[1]).casefold() in _PASSWORDS]
    return tuple(one for one in [*(word.partition(":")[2] for word in user), *query] if one)


def ambiguous(address: str) -> bool:
    """Whether an address has an ``@`` or ``/`` in user or password that a driver takes for the end of them."""
    return _SOUND.fullmatch(_head(address).partition("://")[2]) is None


def _head(address: str) -> str:
    """An address without its query."""
    begins = [query.start() for query in _QUERY.finditer(address)]
    return address[: begins[-1]] if begins else address


def _masked(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    for begin, end in reversed(spans):
        text = text[:begin] + MASK + text[end:]
    return text
