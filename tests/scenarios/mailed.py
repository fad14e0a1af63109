"""A tracker in memory that shows its people's e-mail addresses, as Jira does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace

from trackersync.connector import Account, Page, Scope
from trackersync.testing import MemoryConnector, MemoryTracker
from trackersync.testing.memory import Moment


class Mailed(MemoryConnector):
    """Tells of some accounts their address, and whether the tracker vouches for it.

    Args:
        tracker: what it speaks to.
        meanwhile: see ``MemoryConnector``.
        mails: account to address and whether it is verified.
    """

    def __init__(
        self, tracker: MemoryTracker, meanwhile: Callable[[Moment], None], mails: Mapping[str, tuple[str, bool]]
    ) -> None:
        super().__init__(tracker, meanwhile=meanwhile)
        self._mails = mails

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in super().observe(scope):
            yield replace(page, accounts=tuple(self._told(account) for account in page.accounts))

    def _told(self, account: Account) -> Account:
        email, verified = self._mails.get(account.id, (None, False))
        return replace(account, email=email, verified=verified)
