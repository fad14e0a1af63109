"""One exchange with one tracker: a request out, an answer back, and never a credential beyond the tracker's own origin.

Used by ``wire`` alone, which decides what is asked again, when, and what an answer is worth.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal

import httpx
from pydantic import SecretStr

from trackersync import __version__
from trackersync.connector import Answer, RejectedError, Renewing, UnavailableError
from trackersync.errors import ConfigError
from trackersync.http.trail import leave
from trackersync.http.trust import surroundings, trusted

Kind = Literal["read", "write"]
Log = Callable[[str, str, int, float, str], None]
"""Told of every exchange: method, path with query, status (0: no answer), milliseconds, the tracker's request id."""
Heard = Callable[[Mapping[str, str]], None]
"""Told the headers of an answer."""
Turn = Callable[[], AbstractAsyncContextManager[Heard]]
"""Lets requests pass one by one: entered before each is sent, left when it has its answer."""

CONNECT = 5.0
SHORTEST = 6
"""Letters of a credential that is looked for in what a tracker says."""
REDIRECTS = 5

_FOLLOWED: Mapping[Kind, frozenset[int]] = {
    "read": frozenset({301, 302, 303, 307, 308}),
    # 301, 302 and 303 turn a write into a GET (RFC 9110, 15.4): the caller must learn that nothing was written.
    "write": frozenset({307, 308}),
}
_REQUEST_IDS = ("x-github-request-id", "x-arequestid", "atl-traceid")
# A proxy of the environment is for the outside; without this a sandbox on loopback cannot be reached behind one.
PAST_PROXIES = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent, and sent again."""

    kind: Kind
    method: str
    url: httpx.URL
    params: Mapping[str, str | int] | None = None
    json: object = None
    headers: Mapping[str, str] | None = None
    creates: bool = False

    @property
    def words(self) -> str:
        """Method and path, for sentences; the query stays out, since it may hold people's text."""
        return f"{self.method} {self.url.path}"


class Line:
    """The line to one tracker's origin: one ``httpx.AsyncClient``, and the rule of where it may lead.

    Args:
        tracker: its name in the configuration, for sentences.
        base_url: where the API answers; a path prefix is kept.
        authorization: gives the ``Authorization`` header's value; asked for every request.
        headers: sent with every request.
        timeout: seconds to wait for a whole answer, connecting not counted.
        sent: told of every request as it leaves.
        transport: instead of the network, in tests.
        log: told of every exchange.

    Raises:
        ConfigError: ``base_url`` is not an address to send requests to, or the environment names no proxy or authority.
    """

    def __init__(
        self,
        tracker: str,
        base_url: str,
        authorization: Callable[[], Awaitable[SecretStr | None]],
        headers: Mapping[str, str],
        *,
        timeout: float,
        sent: Callable[[Kind], None],
        transport: httpx.AsyncBaseTransport | None,
        log: Log | None,
    ) -> None:
        self._tracker = tracker
        self._base = _address(tracker, base_url)
        self._authorization = authorization
        self._timeout = timeout
        self._sent = sent
        self._log = log
        with surroundings():
            self._client = httpx.AsyncClient(
                headers={"User-Agent": f"trackersync/{__version__}", **headers},
                timeout=httpx.Timeout(timeout, connect=CONNECT),
                # A session cookie would outlive a changed credential; every request says by itself who it is from.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                verify=trusted(),
                transport=transport,
                mounts=dict.fromkeys(PAST_PROXIES) if transport is None else None,
            )

    @property
    def place(self) -> str:
        """The host, with the port where it is not the scheme's own."""
        return self._base.netloc.decode("ascii")

    def inside(self, path: str, at: httpx.URL | None = None) -> httpx.URL:
        """The URL of a path below the base URL, or of an absolute URL of the same origin.

        Args:
            path: the path, the URL, or with ``at`` a ``Location`` as the tracker sent it.
            at: the URL whose answer the path stood in.

        Raises:
            RejectedError: it leads to another origin, or is no URL at all.
        """
        try:
            url = httpx.URL(path)
        except httpx.InvalidURL as error:
            raise RejectedError(
                f"{self._tracker}: {self.place} was asked for something that is no URL; nothing was sent"
            ) from error
        if url.is_absolute_url or url.host:
            url = self._base.join(url)
        elif at is not None:
            url = at.join(url)
        else:
            prefix = self._base.raw_path.rstrip(b"/")
            url = self._base.copy_with(raw_path=prefix + b"/" + url.raw_path.lstrip(b"/"))
        if (url.scheme, url.host, url.port, url.userinfo) != (self._base.scheme, self._base.host, self._base.port, b""):
            raise RejectedError(
                f"{self._tracker}: {self.place} points to {url.scheme}://{url.host}; the credential goes to "
                f"{self._base.scheme}://{self.place} only, so nothing was sent there. Check `url` of tracker "
                f"{self._tracker}, and whether a proxy or login page stands before it."
            )
        return url

    async def exchange(self, request: Request, turn: Turn) -> Answer:
        """Send, and follow redirects inside the origin: all kinds for a read, for a write those that keep the method.

        Args:
            request: what to send.
            turn: passed by every request that this takes.

        Raises:
            httpx.HTTPError, TimeoutError: there is no answer; ``breaks`` says what that means.
            RejectedError: a redirect leads to another origin.
            UnavailableError: redirects lead nowhere.
        """
        moved = ""
        for _ in range(REDIRECTS + 1):
            answer = await self._send(request, moved, turn)
            location = answer.headers.get("location", "")
            if answer.status not in _FOLLOWED[request.kind] or not location:
                return answer
            url = self.inside(location, request.url)
            moved = url.path
            request = replace(request, url=url, params=None)
            if answer.status == 303:
                request = replace(request, method="GET", json=None)
        raise UnavailableError(
            f"{self.place} redirects {request.words} again and again. Check `url` of tracker {self._tracker}."
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def authorization(self) -> SecretStr | None:
        """The ``Authorization`` header's value as it is now."""
        return await self._authorization()

    async def _send(self, request: Request, moved: str, turn: Turn) -> Answer:
        secret, response = await self._once(request, turn)
        # Refused for its credential, it has done nothing, whatever it was.
        if response.status_code == 401 and secret is not None and await self._renewed(secret):
            secret, response = await self._once(request, turn)
        body = (
            response.content
            if response.is_success or response.status_code == 304
            else _without(secret, response.content)
        )
        return Answer(response.status_code, dict(response.headers), body, request.words, moved)

    async def _once(self, request: Request, turn: Turn) -> tuple[SecretStr | None, httpx.Response]:
        async with turn() as heard:
            # Asked for now, since the turn may have been an hour in coming.
            secret = await self._authorization()
            headers = dict(request.headers or {})
            if secret is not None:
                headers["Authorization"] = secret.get_secret_value()
            message = self._client.build_request(
                request.method, request.url, params=request.params, json=request.json, headers=headers
            )
            self._sent(request.kind)
            began = time.perf_counter()
            response: httpx.Response | None = None
            try:
                # The library's time-outs are per chunk: a tracker that drips bytes would hold us for ever.
                async with asyncio.timeout(CONNECT + self._timeout):
                    response = await self._client.send(message)
            finally:
                self._tell(request.kind, message, response, (time.perf_counter() - began) * 1000)
            heard(response.headers)
            return secret, response

    async def _renewed(self, refused: SecretStr) -> bool:
        return isinstance(self._authorization, Renewing) and await self._authorization.renew(refused)

    def _tell(self, kind: Kind, message: httpx.Request, response: httpx.Response | None, milliseconds: float) -> None:
        ids = (response.headers[name] for name in _REQUEST_IDS if response and name in response.headers)
        status, request = response.status_code if response else 0, next(ids, "")
        if kind == "write":
            leave(message.method, message.url.path, status, request)
        if self._log is not None:
            self._log(message.method, message.url.raw_path.decode("ascii"), status, milliseconds, request)


def _without(secret: SecretStr | None, body: bytes) -> bytes:
    """An error page without our credential: connectors quote it, and a proxy may repeat the request in it."""
    if secret is None or not secret.get_secret_value():
        return body
    scheme, _, credential = secret.get_secret_value().rpartition(" ")
    hidden = [credential.encode()]
    if scheme.casefold() == "basic":
        with suppress(binascii.Error):
            hidden.append(base64.b64decode(credential, validate=True).rpartition(b":")[2])
    for one in hidden:
        # No vendor's credential is shorter; a stand-in's may be, and would take letters out of every word.
        if len(one) >= SHORTEST:
            body = body.replace(one, b"(credential)")
    return body


def _address(tracker: str, base_url: str) -> httpx.URL:
    """The base URL as a value; what would make it leak or lead nowhere is refused before anything is sent."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        # The library's words stay out: they quote the address, which may hold a password.
        raise ConfigError(
            f"`url` of tracker {tracker} is no URL; write it like https://api.github.com, with scheme and host."
        ) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(
            f"`url` of tracker {tracker} must be like https://api.github.com, with scheme and host; "
            f"it has {f'the scheme {url.scheme}' if url.scheme else 'no scheme'}."
        )
    if url.userinfo:
        raise ConfigError(
            f"`url` of tracker {tracker} holds a user name or password before {url.host}. "
            "Take it out and give the credential as `token`, so that it stands in no log."
        )
    return url
