"""What of the environment every client goes by: whose certificates are believed, read once, and proxies.

Reading certifi's bundle takes 50 to 130 ms, and a command makes several clients.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import httpx

from trackersync.errors import ConfigError

_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


@contextmanager
def surroundings() -> Iterator[None]:
    """Make a client within: what it cannot be made with is a mistake in the environment, and told as one.

    Raises:
        ConfigError: ``SSL_CERT_FILE`` names no certificates, or a variable no proxy; what it holds may be a secret.
    """
    try:
        yield
    except OSError as error:
        file = os.environ.get("SSL_CERT_FILE")
        if not file:
            raise
        raise ConfigError(
            f"SSL_CERT_FILE names {file}, which is no file of certificates that can be read",
            next_step="name a file of certificates (PEM), or unset SSL_CERT_FILE",
        ) from error
    except ImportError:
        raise ConfigError(
            f"the proxy of {_named()} speaks SOCKS, which is not installed",
            next_step="pip install socksio, in the same environment; or name an HTTP proxy, as http://HOST:PORT",
        ) from None
    except (ValueError, httpx.InvalidURL):
        # Not chained: the library's words may hold the proxy's password.
        raise ConfigError(
            f"{_named()}: something there is no address that requests can be sent by or past",
            next_step="write a proxy as http://HOST:PORT; in NO_PROXY leave out brackets and networks of IPv6",
        ) from None


def _named() -> str:
    """The variables that name proxies, and what is reached without one."""
    return ", ".join(sorted(name for name in os.environ if name.lower() in _PROXIES)) or "this machine's settings"


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
