"""What the receiver lets anybody make it hold, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long, before anything is known of a sender.

    Attributes:
        body: bytes of one body: 25 MB, above which neither tracker sends anything (GitHub, "Webhook events and
            payloads", "Payload cap"; Jira's is the same), read generously as MiB.
        held: bytes of all bodies that are held at one time, received or not yet committed, beyond which none is taken
            that is not small.
        small: bytes of a body that is always taken, so that whoever sends large ones shuts nobody else out; no more
            than so many for each connection.
        head: bytes of a request's headers together, and of its first line.
        fields: headers of a request.
        path: bytes of the path.
        head_seconds: for a request's headers to come in, and for the first byte on a new connection.
        body_seconds: for a body to come in; GitHub gives up after as much ("Best practices for using webhooks").
        answer_seconds: for the other side to read an answer.
        idle_seconds: a connection may be kept without a request.
        connections: at one time.
        waiting: deliveries that wait to be committed.
        stop_seconds: for a body that is under way when the receiver is told to stop.
    """

    body: int = 25 * 1024 * 1024
    held: int = 128 * 1024 * 1024
    small: int = 64 * 1024
    head: int = 16 * 1024
    fields: int = 100
    path: int = 2048
    head_seconds: float = 10.0
    body_seconds: float = 10.0
    answer_seconds: float = 10.0
    idle_seconds: float = 60.0
    connections: int = 1000
    waiting: int = 10_000
    stop_seconds: float = 2.0
