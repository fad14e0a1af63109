"""The part of GitHub that comments on a pull request, on loopback, with the rights of one job's token."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 65_536
_LISTED = re.compile(r"/repos/acme/shop/issues/(\d+)/comments")
_ONE = re.compile(r"/repos/acme/shop/issues/comments/(\d+)")


@dataclass
class Pulled:
    """Comments of pull requests, oldest first.

    Attributes:
        token: the one that is known.
        may_write: whether it may comment: not on a fork's pull request.
        comments: by id: the pull request's number, who wrote it (``User`` or ``Bot``), and the text.
        asked: requests so far, without their queries.
    """

    token: str = "ghs_jobsowntoken0123456789"
    may_write: bool = True
    url: str = ""
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(self, number: int, kind: str, body: str) -> int:
        """Somebody comments."""
        found = len(self.comments) + 1
        self.comments[found] = {"id": found, "issue": number, "body": body, "user": {"login": "x", "type": kind}}
        return found

    def answer(self, method: str, path: str, token: str, sent: dict[str, Any]) -> tuple[int, object]:
        """What GitHub answers."""
        self.asked.append(f"{method} {path.partition('?')[0]}")
        if token != f"Bearer {self.token}":
            return 401, {"message": "Bad credentials"}
        listed, one = _LISTED.fullmatch(path.partition("?")[0]), _ONE.fullmatch(path)
        if method == "GET" and listed:
            page = int((re.search(r"[?&]page=(\d+)", path) or [0, 1])[1])
            mine = [told for told in self.comments.values() if told["issue"] == int(listed[1])]
            return 200, mine[100 * (page - 1) : 100 * page]
        return self.write(method, listed, one, sent) if self.may_write else (403, {"message": "Not accessible"})

    def write(
        self, method: str, listed: re.Match[str] | None, one: re.Match[str] | None, sent: dict[str, Any]
    ) -> tuple[int, object]:
        """Somebody who may comments, or edits a comment."""
        if len(sent["body"]) > LONGEST:
            return 422, {"message": "body is too long"}
        if method == "POST" and listed:
            return 201, self.comments[self.add(int(listed[1]), "Bot", sent["body"])]
        if method == "PATCH" and one:
            # GitHub stores what a browser would have sent.
            self.comments[int(one[1])]["body"] = sent["body"].replace("\n", "\r\n")
            return 200, self.comments[int(one[1])]
        return 404, {"message": "Not Found"}


@contextmanager
def pulling() -> Iterator[Pulled]:
    """Serve it."""
    pulled = Pulled()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else {}
            status, body = pulled.answer(self.command, self.path, self.headers.get("authorization", ""), sent)
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do  # noqa: N815  # as the library calls them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    pulled.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield pulled
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
