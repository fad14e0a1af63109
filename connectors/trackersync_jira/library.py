"""What the ``jira`` library does for us, which is little: it is asked who we are and what we may do (``access``).

By itself it sleeps and repeats requests (a POST too, after a broken connection), waits for ever for an answer, asks
``/serverInfo`` whenever it is opened, writes names and passwords in Latin-1, follows a redirect to anywhere, and logs
the body of what is no JSON (jira 3.10, measured). It is not made to be shared between threads. So it gets no retries, a
time-out, one client per request, which is let in and counted by the wire, and the wire's own credential; and every
answer is looked at before the library looks. Its errors carry headers and bodies, so that nothing but their status goes
on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec
from jira import JIRA
from jira.exceptions import JIRAError
from pydantic import SecretStr
from requests import PreparedRequest, Response
from requests.auth import AuthBase

from trackersync.connector import Answer, AuthError, NotFoundError, UnavailableError, Wire
from trackersync_jira.refusals import ABSENT, OTHER, UnknownError, known
from trackersync_jira.settings import JiraSettings, token

CONNECT = 5.0
"""Seconds to wait for a connection."""

T = TypeVar("T")


class _Same(AuthBase):
    """Says who we are as the wire does."""

    def __init__(self, credential: SecretStr | None) -> None:
        self._credential = credential

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._credential is not None:
            request.headers["Authorization"] = self._credential.get_secret_value()
        return request


@dataclass(frozen=True, slots=True)
class Library:
    """The library behind ``await``: its requests admitted and counted by the wire, its errors ours.

    Attributes:
        tracker: its name in the configuration.
        settings: address and credential.
        wire: lets each request in, and says who we are.
        cloud: whether it is Jira Cloud.
    """

    tracker: str
    settings: JiraSettings
    wire: Wire
    cloud: bool = field(kw_only=True)

    async def answer(self, shape: type[T], ask: Callable[[JIRA], object]) -> T:
        """One request that changes nothing, and what was answered in the shape that is expected.

        Raises:
            UnknownError: 401 or 403.
            AuthError: the answer was meant for a stranger, or logins wait for a CAPTCHA.
            NotFoundError: 404, or another word for a resource that is not there.
            UnavailableError: no usable answer.
        """
        # Told before a turn is taken: without one there is nothing to ask with.
        token(self.settings)
        async with self.wire.admit("read"):
            return await asyncio.to_thread(self._sent, shape, ask, await self.wire.authorization())

    def unknown(self, status: int) -> UnknownError:
        """The error for a credential that is refused."""
        beside = "`email`" if self.settings.email is not None else "`user`"
        return UnknownError(
            f"{self.tracker}: {self._host} does not know us ({status}). Check `token`"
            + (f" and {beside}" if self.settings.account is not None else "")
            + " of this tracker, and that the token has not expired.",
            forbidden=status == 403,
        )

    @property
    def _host(self) -> str:
        return urlsplit(self.settings.url).netloc

    def _sent(self, shape: type[T], ask: Callable[[JIRA], object], credential: SecretStr | None) -> T:
        """The one place that knows the library's errors."""
        try:
            with closing(self._client(credential)) as client:
                return msgspec.convert(ask(client), shape)
        except JIRAError as error:
            if error.status_code in {401, 403}:
                raise self.unknown(error.status_code) from None
            if error.status_code in ABSENT:
                raise NotFoundError(
                    f"{self.tracker}: {self._host} answered {error.status_code}; check that `url` is the address of a "
                    "Jira" + (OTHER if self.cloud else ".")
                ) from None
            raise UnavailableError(
                f"{self.tracker}: {self._host} answered {error.status_code}.",
                retry_after=_asked(error),
                passing=error.status_code == 429 or (error.status_code or 0) >= 500,
            ) from None
        except OSError as error:
            # Every error of the HTTP library below is one; its kind says enough, its text may quote what was sent.
            raise UnavailableError(
                f"{self.tracker}: {self._host} gave no usable answer ({type(error).__name__}).", passing=True
            ) from None
        except (msgspec.ValidationError, NotImplementedError, AttributeError, TypeError, LookupError) as error:
            # The library takes an answer apart without looking whether it is what it should be.
            what = str(error) if isinstance(error, msgspec.ValidationError) else type(error).__name__
            raise UnavailableError(
                f"{self.tracker}: {self._host} answered with something else than Jira does ({what})."
            ) from None

    def _client(self, credential: SecretStr | None) -> JIRA:
        client = JIRA(
            server=self.settings.url,
            options={"rest_api_version": "3" if self.cloud else "2"},
            get_server_info=False,
            logging=False,
            max_retries=0,
            timeout=(CONNECT, self.settings.timeout),
        )
        # The library has no public setting for any of these.
        session = client._session  # noqa: SLF001
        session.auth = _Same(credential)
        session.hooks["response"].append(self._look)
        if _loopback(self.settings.url):
            # The environment's proxy is for the outside.
            session.trust_env = False
        return client

    def _look(self, response: Response, **_: object) -> None:
        """Look at an answer before the library does, which keeps no headers of a good one and follows every redirect.

        Raises:
            AuthError: it was meant for a stranger, or waits for a CAPTCHA.
            UnavailableError: it sends us to another host, or is no JSON.
        """
        try:
            self._judge(response)
        except (AuthError, UnavailableError):
            # Nobody else will: the library does not get to see it.
            response.close()
            raise

    def _judge(self, response: Response) -> None:
        if response.is_redirect:
            there = urlsplit(urljoin(response.url, response.headers["location"]))
            if (there.scheme, there.netloc) != urlsplit(response.url)[:2]:
                raise UnavailableError(
                    f"{self.tracker}: {self._host} sends us to {there.hostname}, where nothing was sent. Check that "
                    "`url` is where Jira itself answers, and that no login page stands before it."
                )
            return
        headers = {name.lower(): value for name, value in response.headers.items()}
        denied = headers.keys() & {"x-seraph-loginreason", "x-authentication-denied-reason"}
        if response.ok or denied:
            path = urlsplit(response.url).path
            known(Answer(response.status_code, headers, b"", f"{response.request.method} {path}"))
        if response.ok:
            self._readable(response)

    def _readable(self, response: Response) -> None:
        """Make sure that it is JSON: of what is not, the library would log the whole body."""
        try:
            msgspec.json.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            kind = response.headers.get("content-type", "").partition(";")[0] or "nothing"
            raise UnavailableError(
                f"{self.tracker}: {self._host} answered with something else than Jira does ({kind}, and no JSON)."
            ) from None


def _asked(error: JIRAError) -> float | None:
    """The seconds that we are asked to stay away for, so that the wire holds back everybody else too."""
    asked = "" if error.response is None else error.response.headers.get("retry-after", "").strip()
    return float(asked) if asked.isascii() and asked.isdecimal() else None


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
