"""A healthcheck on loopback that writes down what it is told, as healthchecks.io would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

CHECK = "4f1c0e5a-secret-of-the-check"


@dataclass
class Healthcheck:
    """What it has heard, and how it answers.

    Attributes:
        url: what a job is given.
        heard: of each request the path behind the check's own, with its query.
        asked: how often it was asked, moved or not.
        answers: the statuses of the next answers; 200 once there are no more.
        moved: where it sends whoever asks.
        hangs: it takes connections and says nothing.
    """

    url: str = ""
    heard: list[str] = field(default_factory=list)
    asked: int = 0
    answers: list[int] = field(default_factory=list)
    moved: str = ""
    hangs: bool = False


@contextmanager
def listening() -> Iterator[Healthcheck]:
    """One that listens, on a port of its own."""
    check, over = Healthcheck(), Event()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            check.asked += 1
            if check.hangs:
                over.wait(20)
                return
            mine, _, rest = self.path.partition(CHECK)
            if check.moved:
                self.send_response(301)
                self.send_header("Location", check.moved + rest)
                self.end_headers()
                return
            status = check.answers.pop(0) if check.answers else 200
            check.heard.append(rest if mine == "/" else self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    check.url = f"http://127.0.0.1:{server.server_port}/{CHECK}"
    try:
        yield check
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        serving.join()
