"""One reader in a fresh process: reads all issues of one tracker and prints what it cost, as JSON.

``python -m tests.benchmarks.readers NAME GITHUB_URL JIRA_URL``. The clock starts after the imports, since a library's
start is paid once and reading again and again; what the imports cost is told apart.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 100


def trackersync(tracker: str) -> Callable[[str, str], int]:
    """Into the store, as a first run does: decoded, judged, indexed, committed page by page."""
    made, product = import_module("tests.benchmarks.made"), import_module("tests.product")
    config, registry = import_module("trackersync.config"), import_module("trackersync.registry")
    observing, opening = import_module("trackersync.pipeline.observe"), import_module("trackersync.pipeline.opening")
    folder = Path(tempfile.mkdtemp())
    found = product.declared(folder)
    if found is not None:
        sys.path.append(str(found))
    os.environ.update(product.TOKENS)

    async def read(github: str, jira: str) -> int:
        file = folder / "trackersync.yaml"
        file.write_text(made.configuration(github, jira, tracker), encoding="utf-8")
        async with opening.opened(config.load(file, registry=registry.discover())) as session:
            looks = await observing.observe(session)
            assert looks[tracker].complete, looks[tracker].failure
            return sum(1 for _ in session.store.items())

    return lambda github, jira: asyncio.run(read(github, jira))


def raw_github() -> Callable[[str, str], int]:
    """httpx and a typed msgspec decode over the same pages; nothing is kept but a list."""
    httpx, msgspec = import_module("httpx"), import_module("msgspec")
    shapes: Any = import_module("trackersync_github.wire")
    decoder = msgspec.json.Decoder(list[shapes.Issue])

    async def read(github: str, _: str) -> int:
        rows: list[object] = []
        url = f"{github}/repos/acme/shop/issues?state=all&sort=updated&direction=asc&per_page={PAGE}"
        async with httpx.AsyncClient(headers={"authorization": "Bearer good"}) as client:
            while url:
                answer = await client.get(url)
                rows += decoder.decode(answer.content)
                url = answer.links.get("next", {}).get("url", "")
        return len(rows)

    return lambda github, jira: asyncio.run(read(github, jira))


def raw_jira() -> Callable[[str, str], int]:
    """httpx and a msgspec decode over the same pages and fields; nothing is kept but a list."""
    httpx, msgspec = import_module("httpx"), import_module("msgspec")

    class Page(msgspec.Struct):  # type: ignore[misc,name-defined]  # imported by name, so that each process has its own
        issues: list[dict[str, Any]]
        isLast: bool = True  # noqa: N815  # the vendor's word
        nextPageToken: str | None = None  # noqa: N815

    decoder = msgspec.json.Decoder(Page)
    fields = ["summary", "status", "resolution", "assignee", "created", "updated", "description", "labels", "issuetype"]

    async def read(_: str, jira: str) -> int:
        rows: list[object] = []
        ask: dict[str, Any] = {"jql": "project = SHOP ORDER BY updated ASC", "maxResults": PAGE, "fields": fields}
        async with httpx.AsyncClient(auth=("bot@acme.example", "good"), base_url=jira) as client:
            while True:
                page = decoder.decode((await client.post("/rest/api/3/search/jql", json=ask)).content)
                rows += page.issues
                if page.isLast:
                    return len(rows)
                ask["nextPageToken"] = page.nextPageToken

    return lambda github, jira: asyncio.run(read(github, jira))


def pygithub(pause: float | None) -> Callable[[str, str], int]:
    """PyGithub's own loop, touching what a synchroniser needs of each issue."""
    library = import_module("github")

    def read(github: str, _: str) -> int:
        client = library.Github(
            base_url=github, auth=library.Auth.Token("good"), per_page=PAGE, seconds_between_requests=pause
        )
        found = client.get_repo("acme/shop").get_issues(state="all", sort="updated", direction="asc")
        return len([(one.number, one.title, one.updated_at, [who.login for who in one.assignees]) for one in found])

    return read


def jira() -> Callable[[str, str], int]:
    """The jira library's own loop over Cloud's enhanced search, with its own choice of fields."""
    library = import_module("jira")

    def read(_: str, address: str) -> int:
        client = library.JIRA(address, basic_auth=("bot@acme.example", "good"))
        found = client.enhanced_search_issues("project = SHOP ORDER BY updated ASC", maxResults=0)
        return len([(one.key, one.fields.status.name, one.fields.assignee) for one in found])

    return read


READERS: dict[str, tuple[str, Callable[[], Callable[[str, str], int]]]] = {
    "github: httpx + msgspec": ("github", raw_github),
    "github: trackersync, into the store": ("github", lambda: trackersync("github")),
    "github: PyGithub, no pauses": ("github", lambda: pygithub(None)),
    "github: PyGithub, as it comes": ("github", lambda: pygithub(0.25)),
    "jira: httpx + msgspec": ("jira", raw_jira),
    "jira: trackersync, into the store": ("jira", lambda: trackersync("jira")),
    "jira: jira library": ("jira", jira),
}
"""By name, the tracker it reads and what prepares it; the first of a tracker is what the others are measured by."""


def main(name: str, github_url: str, jira_url: str) -> None:
    """Read once and print the cost: seconds, seconds of CPU, peak memory in MB."""
    begun = time.perf_counter()
    read = READERS[name][1]()
    ready = time.perf_counter()
    cpu = time.process_time()
    items = read(github_url, jira_url)
    done = time.perf_counter()
    cost = {"items": items, "imports": ready - begun, "seconds": done - ready, "cpu": time.process_time() - cpu}
    print(json.dumps({**cost, "peak": peak()}))


def peak() -> float:
    """Peak memory of this process in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # What `getrusage` says on Linux begins with what the parent held when it forked.
        lines = status.read_text(encoding="ascii").splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(*sys.argv[1:])
