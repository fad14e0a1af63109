"""A receiver on loopback that answers what a test wants, and keeps what it got."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from trackersync.connector import Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Receiver:
    """Where it is, what it answers, and the paths and deliveries that came."""

    url: str = ""
    status: int = 202
    got: list[tuple[str, Delivery]] = field(default_factory=list)

    def at(self, tracker: str) -> list[Delivery]:
        return [delivery for path, delivery in self.got if path == f"/webhooks/{tracker}"]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append((self.path, Delivery({k.lower(): v for k, v in self.headers.items()}, body)))
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            if 300 <= receiver.status < 400:
                self.send_header("location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
