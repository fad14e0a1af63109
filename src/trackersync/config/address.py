"""Addresses in a configuration: a tracker's URL, its aliases, and where the store is."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from trackersync.core.masking import ambiguous
from trackersync.core.nearest import did_you_mean

STORES = ("sqlite", "postgresql+psycopg", "postgresql")
ESCAPED = "write / in a user or password as %2F, and @ as %40"
_NO_URL = ("this is no URL", "write https://HOST or https://HOST:PORT")


def trouble_with_url(url: str, *, requested: bool = True) -> tuple[str, str] | None:
    """What is wrong with a tracker's address and what to do, or None where nothing is; never quotes the address.

    Args:
        url: the address.
        requested: whether a token is sent there, which plain http may carry on loopback only (RFC 8252, 8.3, names
            127.0.0.0/8 and ::1). An alias is only looked for in texts.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets without an IPv6 address, or a port that is no number
        return _NO_URL
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or any(map(str.isspace, url)):
        return _NO_URL
    if "@" in parts.netloc:
        return "a URL must not hold credentials", "remove NAME:PASSWORD@ and use `token`"
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        return "a URL ends with its path here", "remove everything from ? or # on"
    if requested and parts.scheme == "http" and not _loopback(parts.hostname):
        return "http:// would send the token unencrypted", "write https://; plain http is for loopback only"
    return None


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, not an address
        return False


def trouble_with_store(url: str) -> tuple[str, str] | None:
    """What is wrong with a store's URL and what to do, or None where nothing is; never quotes the URL."""
    scheme, found, rest = url.partition("://")
    forms = "write sqlite:///FILE or postgresql+psycopg://HOST/NAME"
    if not found:
        # A path. One that begins like a URL is one with its slashes forgotten.
        return ("this is no URL", forms) if url.partition(":")[0] in STORES or not url.strip() else None
    if scheme not in STORES:
        return "a store is SQLite or PostgreSQL", did_you_mean(scheme, STORES) if scheme.isalpha() else forms
    if scheme != "sqlite" and ambiguous(url):
        return "where its user and password end is not plain", ESCAPED
    if scheme == "sqlite" and rest and not rest.startswith("/"):
        return "a SQLite URL has three slashes, and a fourth for an absolute path", "write sqlite:///FILE"
    return None


def store_beside(url: str, folder: Path) -> str:
    """The store's URL with a relative SQLite path made absolute from ``folder``; a bare path becomes a URL.

    SQLAlchemy reads ``sqlite:///FILE`` from the working directory
    (https://docs.sqlalchemy.org/en/20/core/engines.html#sqlite), which would move with whoever starts the program.
    """
    if trouble_with_store(url) is not None:
        return url
    scheme, found, rest = url.partition("://")
    path, query, options = rest.removeprefix("/").partition("?") if found else (url, "", "")
    if found and (scheme != "sqlite" or not path or path == ":memory:" or path.startswith("file:")):
        return url
    return f"sqlite:///{(folder / path).resolve()}{query}{options}"
