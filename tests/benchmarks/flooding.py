"""A client in a process of its own that sends deliveries as fast as they are answered, over connections it keeps.

The bodies are of the sizes of recorded ones. Written on bare sockets, it costs less than what it measures.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

SIZES = (2759, 3686, 5015, 8824, 9075, 9633, 10069, 13466, 15644, 19887, 42450, 7300, 7900, 11800, 14200, 26500)
"""Bytes of bodies recorded from Jira and GitHub (``shared/data/webhooks``), without the extremes."""


class Flood(NamedTuple):
    """What came of it: deliveries a second, seconds at the 50th and 99th percentile, and how many were accepted."""

    rate: float
    p50: float
    p99: float
    accepted: int


def requests(secret: str) -> list[tuple[bytes, bytes]]:
    """By size, a request before and after the delivery's id."""
    made = []
    for size in SIZES:
        frame = b'{"action": "edited", "issue": {"number": 7}, "repository": {"id": 1}, "x": "'
        body = frame + b"x" * (size - len(frame) - 2) + b'"}'
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        head = (
            f"POST /webhooks/github HTTP/1.1\r\nhost: sync.acme.example\r\ncontent-length: {len(body)}\r\n"
            "user-agent: GitHub-Hookshot/044aadd\r\naccept: */*\r\ncontent-type: application/json\r\n"
            f"x-github-event: issues\r\nx-github-hook-id: 109948940\r\nx-hub-signature-256: sha256={signature}\r\n"
            "x-github-delivery: "
        )
        made.append((head.encode(), b"\r\n\r\n" + body))
    return made


async def flood(port: int, secret: str, first: int, number: int, connections: int) -> tuple[Flood, list[str]]:
    """Send so many deliveries, whose ids are counted from ``first``; what came of it, and the accepted ids."""
    made = requests(secret)
    took: list[float] = []
    ids = iter(range(first, first + number))
    kept: list[str] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for each in ids:
                before, after = made[each % len(made)]
                begun = time.perf_counter()
                writer.write(before + b"flood-%08d" % each + after)
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
                took.append(time.perf_counter() - begun)
                if head.startswith(b"HTTP/1.1 202"):
                    kept.append(f"flood-{each:08d}")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # it was killed
        finally:
            writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    seconds = time.perf_counter() - begun
    took.sort()
    at = [took[min(len(took) - 1, int(len(took) * part))] if took else 0.0 for part in (0.5, 0.99)]
    return Flood(len(kept) / seconds, at[0], at[1], len(kept)), kept


def main(arguments: Sequence[str]) -> None:
    """Port, secret, first id, number, connections; prints what came of it."""
    port, secret, first, number, connections = arguments
    got, _ = asyncio.run(flood(int(port), secret, int(first), int(number), int(connections)))
    print(json.dumps(got._asdict()))


if __name__ == "__main__":
    main(sys.argv[1:])
