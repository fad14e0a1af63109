"""Accounts as a store keeps them: what an older version wrote can still be read."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from trackersync.connector import Page
from trackersync.core.model import Account
from trackersync.store import open_store

from .values import NOON, SHOP

OLD = '{"active":true,"email":"ada-l@acme.example","human":null,"id":"7","name":"Ada","tracker":"jira"}'
"""What was written before it was kept whether a tracker vouches for an address."""


def test_an_account_of_an_older_store_is_read_and_vouched_for_by_nobody(url: str) -> None:
    ada = Account("jira", "7", "Ada", "ada-l@acme.example", active=True)
    with open_store(url) as store:
        store.put_page("jira", Page((), (ada,), SHOP), scan=store.begin_scan("jira", SHOP, NOON))
    address = url if "://" in url else f"sqlite:///{url}"
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE account SET body = :body"), {"body": OLD})
    engine.dispose()

    with open_store(url) as store:
        assert store.accounts() == (ada,)
        told = Account("jira", "7", "Ada", "ada-l@acme.example", active=True, verified=True)
        store.put_page("jira", Page((), (told,), SHOP), scan=store.begin_scan("jira", SHOP, NOON))
        assert store.accounts() == (told,)
