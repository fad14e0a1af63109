"""Why a request got no answer: whether it can have arrived, and the reason in words. The one place that knows.

Both questions are answered from the types of the exceptions in the chain, never from their texts, which differ between
operating systems and may quote what was sent.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

Break = httpx.HTTPError | TimeoutError
"""Everything that stands for "no answer": the library's errors, and our own time-out around the whole exchange."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "no such host"),
    (ssl.SSLCertVerificationError, "its certificate does not verify"),
    (ssl.SSLError, "it does not speak TLS (https)"),
    (ConnectionRefusedError, "nothing listens there"),
    (httpx.ProxyError, "the proxy refused"),
    (httpx.ConnectTimeout, "no connection in time"),
    (httpx.TimeoutException, "no answer in time"),
    (TimeoutError, "no answer in time"),
    (httpx.ConnectError, "no connection"),
    (httpx.RemoteProtocolError, "the answer was cut short"),
    (httpx.DecodingError, "the answer is garbled"),
)


def never_sent(error: Break) -> bool:
    """Tell whether the request cannot have reached the tracker, so that even a write may be sent again."""
    return isinstance(error, _NEVER_SENT)


def hopeless(error: Break) -> bool:
    """Tell whether asking again cannot help: a certificate that does not verify is no passing trouble."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _chain(error))


def distrust(error: Break) -> int | None:
    """OpenSSL's number for why a certificate does not verify (``X509_V_ERR_…``); None where it is not that."""
    found = (cause for cause in _chain(error) if isinstance(cause, ssl.SSLCertVerificationError))
    return next((getattr(cause, "verify_code", 0) for cause in found), None)


def untalkative(error: Break) -> bool:
    """Tell whether something answered that speaks no TLS, or none that we speak: plain HTTP, for one."""
    causes = tuple(_chain(error))
    return distrust(error) is None and any(isinstance(cause, ssl.SSLError) for cause in causes)


def reason(error: Break) -> str:
    """Say in a few words why there is no answer."""
    causes = tuple(_chain(error))
    return next(
        (words for kind, words in _WORDS if any(isinstance(cause, kind) for cause in causes)), "the connection broke"
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and everything it came from, with what is inside groups (one per address that was tried)."""
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        todo += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            todo += cause.exceptions
