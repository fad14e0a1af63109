"""Whose certificates are believed: the authorities as httpx finds them, read once and not for every client.

Reading certifi's bundle takes 50 to 130 ms, and a command makes several clients.
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

import httpx


def trusted() -> ssl.SSLContext:
    """Answer httpx's own context, which follows ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``; read anew when these change.

    Source: https://www.python-httpx.org/environment_variables/. Raises what ``httpx`` raises for a file that is none.
    """
    file = os.environ.get("SSL_CERT_FILE", "")
    changed = Path(file).stat().st_mtime_ns if file and Path(file).exists() else 0
    return _read(file, changed, os.environ.get("SSL_CERT_DIR", ""))


@lru_cache(maxsize=2)
def _read(file: str, changed: int, folder: str) -> ssl.SSLContext:
    return httpx.create_ssl_context()
