"""Whether a tracker's address answers at all: how soon, under which certificate, and by which clock.

Asks one thing, without a credential: any answer shows that the way there is open. What the answer says is not looked
at, and no redirect is followed. Nothing is asked again: who examines wants to know how it is now.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.request import getproxies, proxy_bypass

import httpx

from trackersync import __version__
from trackersync.connector import Clock
from trackersync.errors import UnavailableError
from trackersync.http import breaks
from trackersync.http.exchange import CONNECT, PAST_PROXIES
from trackersync.http.trust import surroundings, trusted

DOWN = frozenset({502, 503, 504})
"""What is answered in place of a tracker: by itself while it is down, or by what stands before it."""
HALF = timedelta(seconds=0.5)
"""A ``Date`` names the second that has begun: on average, half of it has passed."""
AUTHORITY = "set SSL_CERT_FILE and REQUESTS_CA_BUNDLE to the file of your own authority's certificate (PEM)"
"""httpx takes its authorities from the first, the vendors' client libraries from the second."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

# https://docs.openssl.org/3.0/man1/openssl-verification-options/ and X509_STORE_CTX_get_error(3)
_DISTRUST = {
    9: ("its certificate is not valid yet", "set this machine's clock; else let the server's certificate be renewed"),
    10: ("its certificate has expired", "let the server's certificate be renewed; or this machine's clock is wrong"),
    18: ("its certificate is signed by itself", AUTHORITY),
    19: ("its certificate is signed by an authority unknown here", AUTHORITY),
    20: ("its certificate is signed by an authority unknown here", AUTHORITY),
    21: ("its certificate is signed by an authority unknown here", AUTHORITY),
    62: ("its certificate is for another name", "write the host in `url` as the certificate names it"),
    64: ("its certificate is for another address", "write the host's name in `url`, not its number"),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """An address that answered.

    Attributes:
        milliseconds: until the answer began, making the connection included.
        until: when the certificate ends; None without TLS.
        ahead: how far this machine's clock is ahead of the tracker's, half a second more or less; None where the
            answer does not tell the time.
    """

    milliseconds: float
    until: datetime | None
    ahead: timedelta | None


class UnreachedError(UnavailableError):
    """An address that did not answer.

    Args:
        place: the host, with its port.
        why: the reason, in part of a sentence: ``no such host``.
        remedy: what to do about it.
    """

    def __init__(self, place: str, why: str, remedy: str) -> None:
        super().__init__(f"{place}: {why}; {remedy}")
        self.why = why
        self.remedy = remedy


async def reach(
    url: str, clock: Clock, *, seconds: float = 10.0, transport: httpx.AsyncBaseTransport | None = None
) -> Reached:
    """Ask an address for anything.

    Args:
        url: where the API answers.
        clock: this machine's time.
        seconds: to wait for each part of the answer.
        transport: instead of the network, in tests.

    Raises:
        UnreachedError: nothing answered, or only what stands in the tracker's place.
    """
    place = httpx.URL(url).netloc.decode("ascii")
    mounts = dict.fromkeys(PAST_PROXIES) if transport is None else None
    limit = httpx.Timeout(seconds, connect=min(seconds, CONNECT))
    agent = {"User-Agent": f"trackersync/{__version__}"}
    with surroundings():
        client = httpx.AsyncClient(headers=agent, timeout=limit, verify=trusted(), transport=transport, mounts=mounts)
    async with client:
        began, asked = time.perf_counter(), clock.now()
        try:
            async with client.stream("GET", url) as response:
                took = time.perf_counter() - began
                heard = asked + (clock.now() - asked) / 2
                until = _ends(response)
        except (httpx.HTTPError, TimeoutError) as error:
            why, remedy = trouble(url, error)
            raise UnreachedError(place, why, remedy) from error
    if response.status_code in DOWN:
        why = f"answers {response.status_code}: it is down, or what stands before it does not reach it"
        raise UnreachedError(place, why, "try again later, or ask who runs it")
    return Reached(took * 1000, until, _ahead(response, heard))


def _ends(response: httpx.Response) -> datetime | None:
    """When the certificate ends under which an answer comes."""
    stream = response.extensions.get("network_stream")
    secured = stream.get_extra_info("ssl_object") if stream is not None else None
    certificate = secured.getpeercert() if secured is not None else None
    if not certificate or "notAfter" not in certificate:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def _ahead(response: httpx.Response, heard: datetime) -> timedelta | None:
    try:
        told = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return None
    theirs = told if told.tzinfo else told.replace(tzinfo=UTC)
    return heard - (theirs + HALF)


def trouble(url: str, error: breaks.Break) -> tuple[str, str]:
    """Why nothing answered, and what to do about it.

    Args:
        url: what was asked.
        error: how it broke.
    """
    address = httpx.URL(url)
    code = breaks.distrust(error)
    if code is not None:
        return _DISTRUST.get(code, (breaks.reason(error), AUTHORITY))
    why = breaks.reason(error)
    if breaks.untalkative(error):
        return why, "check in `url` whether it is http:// or https:// that is spoken there"
    if isinstance(error, (httpx.ReadTimeout, TimeoutError)):
        return why, "try again later; what takes connections there and says nothing is overloaded, or in the way"
    if address.host in _LOOPBACK:
        return why, "start what should listen there, or correct the port in `url`"
    if isinstance(error, httpx.ProxyError):
        return why, "check HTTPS_PROXY, and name the host in NO_PROXY if it is reached without one"
    proxy = any(name in getproxies() for name in (address.scheme, "all")) and not proxy_bypass(address.host)
    through = "; the proxy of HTTPS_PROXY stands between" if proxy else ""
    return why, f"check the host in `url`, and that this machine's network reaches it{through}"
