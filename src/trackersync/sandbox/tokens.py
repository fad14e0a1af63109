"""Which tokens the stand-ins take.

Any token that is not empty is good, except one that says of itself that it is not: a token that contains ``wrong``,
``expired``, ``revoked`` or ``invalid``, or ``bad`` as a word, is refused with 401 as the vendor words it. So a test of
refused credentials needs no set-up, and reads by itself.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import NamedTuple

_REFUSED = re.compile(r"wrong|(?<![a-z0-9])bad(?![a-z0-9])|expired|revoked|invalid", re.IGNORECASE)


class Basic(NamedTuple):
    """What a Basic header carries."""

    name: str
    token: str


def refused(token: str) -> bool:
    """Say whether a token names itself a bad one."""
    return _REFUSED.search(token) is not None


def bearer_of(header: str) -> str:
    """Return the token of an ``Authorization`` header of any scheme, or nothing."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.casefold() == "basic":
        basic = basic_of(header)
        return basic.token if basic else ""
    return rest.strip() if scheme.casefold() in {"bearer", "token"} else ""


def basic_of(header: str) -> Basic | None:
    """Return name and token of a Basic header; ``None`` where it is another scheme or no base64."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.casefold() != "basic":
        return None
    try:
        name, _, token = b64decode(rest, validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError):
        return None
    return Basic(name, token)
