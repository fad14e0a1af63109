"""Who changed what, and when: every edit that took effect, a person's and a caller's alike, with nothing left out.

The vendors' own histories, which the stand-ins show as the vendors do, have gaps: GitHub's counts whole seconds and is
silent about titles and texts, Jira's tells fields one by one. Whoever asks afterwards whether a write took effect twice
or a person's edit was lost, asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

IssueT = TypeVar("IssueT")


@dataclass(frozen=True, slots=True)
class Edit(Generic[IssueT]):
    """One edit that changed something.

    Attributes:
        by: whose it was: a login or account id; callers of the API act as the model's ``BOT``.
        at: when, by the model's clock.
        before: the whole issue as it was.
        after: the whole issue as it became.
    """

    by: str
    at: datetime
    before: IssueT
    after: IssueT
