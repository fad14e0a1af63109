"""A delivery of our own to our own receiver, as a tracker would send it: whether it gets there, and what is answered.

No credential goes with it, no redirect is followed, nothing is asked again, and of the answer only the status is read.
"""

from __future__ import annotations

import httpx

from trackersync import __version__
from trackersync.connector import Delivery
from trackersync.http.exchange import CONNECT, PAST_PROXIES
from trackersync.http.reach import UnreachedError, trouble
from trackersync.http.trust import surroundings, trusted


async def post(
    url: str, delivery: Delivery, *, seconds: float = 10.0, transport: httpx.AsyncBaseTransport | None = None
) -> int:
    """Post a delivery, and say which status was answered.

    Args:
        url: the receiver's address.
        delivery: signed headers and body.
        seconds: to wait for an answer, as GitHub does.
        transport: instead of the network, in tests.

    Raises:
        UnreachedError: nothing answered.
    """
    limit = httpx.Timeout(seconds, connect=min(seconds, CONNECT))
    mounts = dict.fromkeys(PAST_PROXIES) if transport is None else None
    headers = {"User-Agent": f"trackersync/{__version__}", **delivery.headers}
    with surroundings():
        client = httpx.AsyncClient(timeout=limit, verify=trusted(), transport=transport, mounts=mounts)
    async with client:
        try:
            async with client.stream("POST", url, headers=headers, content=delivery.body) as response:
                return response.status_code
        except (httpx.HTTPError, TimeoutError) as error:
            why, remedy = trouble(url, error)
            place = httpx.URL(url).netloc.decode("ascii")
            raise UnreachedError(place, why, remedy.replace("`url`", "`service.address`")) from error
