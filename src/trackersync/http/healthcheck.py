"""Tell a healthcheck that a job began, and how it ended: the addresses of healthchecks.io's convention, and the asking.

Beginning is told at ``URL/start``, success at ``URL``, anything else at ``URL/`` and the exit code, or ``URL/fail``
(https://healthchecks.io/docs/http_api/). Whoever knows the URL can say that all is well, so it is a secret: of it only
the host is ever named.
"""

from __future__ import annotations

import httpx
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_fixed

from trackersync import __version__
from trackersync.errors import ConfigError, UnavailableError
from trackersync.http.breaks import hopeless, reason
from trackersync.http.exchange import PAST_PROXIES, REDIRECTS
from trackersync.http.trust import surroundings, trusted

PATIENCE = 3.0
"""Seconds that telling may take, all tries together: who is told nothing raises its own alarm."""
_TRIES = 3
_PAUSE = 0.5
"""Seconds between two tries."""
_PASSING = frozenset({408, 429, *range(500, 600)})
"""What is answered by a service that is busy or down: the next try may be heard."""


class UnheardError(UnavailableError):
    """A healthcheck did not take what it was told.

    Args:
        message: host and reason.
        again: that may be otherwise in a moment.
    """

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message, passing=again)


def address(url: str) -> SecretStr:
    """The address of a healthcheck, once it is known to be one.

    Raises:
        ConfigError: it is none; the sentence does not repeat it.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ConfigError(
            "the healthcheck's URL is no address to send requests to",
            next_step="write it with scheme and host, as https://hc-ping.com/ and the check's own id",
        )
    return SecretStr(str(parsed))


def signalled(url: SecretStr, signal: str) -> SecretStr:
    """The address at which something is told.

    Args:
        url: of the healthcheck; a query stays behind it.
        signal: ``start``, ``fail`` or an exit code; empty for success.
    """
    parsed = httpx.URL(url.get_secret_value())
    if signal:
        path, question, query = parsed.raw_path.partition(b"?")
        parsed = parsed.copy_with(raw_path=path.rstrip(b"/") + b"/" + signal.encode("ascii") + question + query)
    return SecretStr(str(parsed))


def tell(url: SecretStr, signal: str) -> None:
    """Tell it, again where that may help; takes ``PATIENCE`` seconds at most, looking up the host not counted.

    Args:
        url: of the healthcheck.
        signal: ``start``, ``fail`` or an exit code; empty for success.

    Raises:
        UnheardError: nothing answered, or not with success.
    """
    told = signalled(url, signal)
    with _client(host_of(url)) as client:
        Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, UnheardError) and error.passing),
            stop=stop_after_attempt(_TRIES) | stop_before_delay(PATIENCE),
            wait=wait_fixed(_PAUSE),
            reraise=True,
        )(_ask, client, told, host_of(url))


def host_of(url: SecretStr) -> str:
    """What of an address may be named."""
    return httpx.URL(url.get_secret_value()).host


def _client(host: str) -> httpx.Client:
    try:
        with surroundings():
            return httpx.Client(
                headers={"User-Agent": f"trackersync/{__version__}"},
                timeout=PATIENCE,
                verify=trusted(),
                mounts=dict.fromkeys(PAST_PROXIES),
                follow_redirects=True,
                max_redirects=REDIRECTS,
            )
    except ConfigError:
        why = "no connection can be made from here; check SSL_CERT_FILE and HTTPS_PROXY"
        raise UnheardError(f"{host}: {why}", again=False) from None


def _ask(client: httpx.Client, told: SecretStr, host: str) -> None:
    try:
        # Of the answer, which may be of any length, only the status counts.
        with client.stream("GET", told.get_secret_value()) as response:
            status = response.status_code
    # Not chained: the library's words may hold the address.
    except (httpx.InvalidURL, httpx.TooManyRedirects):
        raise UnheardError(f"{host}: it redirects to no address that answers", again=False) from None
    except httpx.HTTPError as error:
        raise UnheardError(f"{host}: {reason(error)}", again=not hopeless(error)) from None
    if not response.is_success:
        raise UnheardError(f"{host}: it answers {status}", again=status in _PASSING)
