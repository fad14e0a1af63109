"""Accounts as the trackers show them on their items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, select

from trackersync.core.model import Account
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import text

_account = msgspec.json.Decoder(Account)


class Accounts(Database):
    """The accounts of a store."""

    def accounts(self) -> tuple[Account, ...]:
        """Every account seen on any item, by tracker and id."""
        table = schema.account.c
        with self.read() as connection:
            bodies = connection.scalars(select(table.body).order_by(table.tracker, table.id))
            return tuple(map(_account.decode, bodies))


def put_accounts(connection: Connection, accounts: Sequence[Account]) -> None:
    """Remember accounts; what a tracker does not say of one this time stays as it was."""
    table = schema.account.c
    seen = {(account.tracker, account.id): account for account in accounts}
    trackers, ids = {tracker for tracker, _ in seen}, [id_ for _, id_ in seen]
    wanted = select(table.tracker, table.id, table.body).where(table.tracker.in_(trackers), table.id.in_(ids))
    stored = {(tracker, id_): body for tracker, id_, body in connection.execute(wanted)} if seen else {}
    rows = (
        {"tracker": tracker, "id": id_, "body": text(_merged(stored.get((tracker, id_)), account))}
        for (tracker, id_), account in seen.items()
    )
    upsert(connection, schema.account, [row for row in rows if stored.get((row["tracker"], row["id"])) != row["body"]])


def _merged(stored: str | None, seen: Account) -> Account:
    """What the tracker does not say this time (None) stays as it was said before."""
    if stored is None:
        return seen
    known = _account.decode(stored)
    return replace(
        seen,
        email=seen.email if seen.email is not None else known.email,
        verified=seen.verified if seen.email is not None else known.verified,
        active=seen.active if seen.active is not None else known.active,
        human=seen.human if seen.human is not None else known.human,
    )
