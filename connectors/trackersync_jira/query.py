"""One request of a search, as Cloud and Data Center want to be asked. Sources: see ``api``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PAGE = 100
"""Issues asked for at once; Jira may give fewer."""

LONGEST = 2_000
"""Characters of a query that still go into an address."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a search, and how far into it: by token on Cloud, by number on Data Center.

    Attributes:
        jql: the query.
        token: how far into it, on Cloud.
        start: how far into it, on Data Center.
        fields: what is wanted of each issue; empty for all that we read.
        fresh: ids of issues to look up past the index, 50 at most; Cloud only (``reconcileIssues``).
    """

    jql: str
    token: str = ""
    start: int = 0
    fields: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()

    @property
    def further(self) -> dict[str, Any]:
        """What Cloud is told besides."""
        told: dict[str, Any] = {"nextPageToken": self.token} if self.token else {}
        if self.start and not self.token:
            # A server that counts as Data Center does under the address of Cloud; Cloud itself counts nothing.
            told["startAt"] = self.start
        if self.fresh:
            told["reconcileIssues"] = [int(one) for one in self.fresh]
        return told


_QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'""", re.DOTALL)


def condition(jql: str) -> str:
    """A user's own filter, once it is known that ours can be put around it in parentheses.

    Raises:
        ValueError: it is empty, is no condition alone, or reaches beyond parentheses.
    """
    bare = _QUOTED.sub("''", jql)
    if not bare.strip():
        raise ValueError("a condition is needed here, like `issuetype != Epic`; leave `jql` out for every issue")
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        raise ValueError("take ORDER BY out: issues are read in an order of our own")
    depth = 0
    for sign in re.findall(r"[()]", bare):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            break
    if depth:
        raise ValueError("its parentheses do not match")
    if re.search(r"[\"']", bare.replace("''", "")):
        raise ValueError("a quotation in it has no end")
    return " ".join(jql.split())
