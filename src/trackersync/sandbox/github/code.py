"""A repository's code as far as issues meet it: commits, pull requests, releases, deployments, who owns which files.

The methods are what people do on the web. All else is frozen; a change puts a new value in the old one's place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha1
from typing import TYPE_CHECKING

from trackersync.sandbox import moments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackersync.sandbox.github.model import GitHub, Issue

SUCCEEDED = frozenset({"ACTIVE", "SUCCESS"})


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; ``number`` is what its global id is made of."""

    number: int
    oid: str
    parents: tuple[str, ...]
    author: str
    made: int


@dataclass(frozen=True, slots=True)
class Pull:
    """What makes an issue with ``pull`` a pull request.

    ``closes`` are the issues it closes, by repository and number; ``merge`` is the commit that it became.
    """

    number: int
    closes: tuple[tuple[str, int], ...] = ()
    files: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    draft: bool = False
    merged: int | None = None
    merge: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A release; a draft's tag is made of ``target`` when it is published, unless it exists."""

    id: int
    tag: str
    target: str
    draft: bool
    prerelease: bool
    created: int
    updated: int
    published: int | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of a commit to an environment, with its present state in GraphQL's words."""

    id: int
    environment: str
    oid: str
    state: str
    created: int
    updated: int


@dataclass
class Code:
    """Everything of a repository that is no issue.

    Attributes:
        hub: the repository.
        readable: the token may see pull requests, contents and deployments.
        closes: a merged pull request closes its issues, as a repository's settings have it by default.
        files: the files of the default branch that are asked for, by path.
        teams: logins by ``ORGANISATION/SLUG``.
    """

    hub: GitHub
    readable: bool = True
    closes: bool = True
    commits: dict[str, Commit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    teams: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def commit(self, *parents: str, by: str = "ghost") -> Commit:
        """Make a commit; without parents it follows the default branch, which goes on to it."""
        with self.hub.lock:
            above = parents or ((self.refs["main"],) if "main" in self.refs else ())
            number = self.hub.repository_id % 1_000_000 * 1_000 + len(self.commits) + 1
            oid = sha1(f"{self.hub.repository} {number}".encode(), usedforsecurity=False).hexdigest()
            made = Commit(number, oid, above, by, self._now())
            self.commits[oid] = made
            if not parents:
                self.refs["main"] = oid
            return made

    def open_pull(
        self,
        title: str,
        *,
        closes: Iterable[int | tuple[str, int]] = (),
        files: Iterable[str] = (),
        by: str = "ada-l",
        draft: bool = False,
    ) -> Issue:
        """Open a pull request with one commit; ``closes`` without a repository are issues of this one."""
        with self.hub.lock:
            issue = self.hub.create(title, pull=True, by=by)
            base = self.refs.get("main") or self.commit(by=by).oid
            head = self.commit(base, by=by)
            named = tuple((self.hub.repository, one) if isinstance(one, int) else one for one in closes)
            self.pulls[issue.number] = Pull(issue.number, named, tuple(files), (head.oid,), draft)
            return issue

    def push(self, number: int, *, by: str) -> Commit:
        """Add a commit to an open pull request."""
        with self.hub.lock:
            pull = self.pulls[number]
            made = self.commit(pull.commits[-1], by=by)
            self._change(replace(pull, commits=(*pull.commits, made.oid)))
            return made

    def ready(self, number: int) -> None:
        """Say that a draft is ready for review."""
        self._change(replace(self.pulls[number], draft=False))

    def links(self, number: int, *issues: int) -> None:
        """Edit what a pull request closes; the issues' ``updated`` stays as it is, as on the real one."""
        self._change(replace(self.pulls[number], closes=tuple((self.hub.repository, one) for one in issues)))

    def merge(self, number: int, *, by: str = "grace-h") -> Commit:
        """Merge a pull request into the default branch; its issues close where the settings say so."""
        with self.hub.lock:
            pull = self.pulls[number]
            made = self.commit(self.refs["main"], pull.commits[-1], by=by)
            self.refs["main"] = made.oid
            self.pulls[number] = replace(pull, merged=self._now(), merge=made.oid, draft=False)
            self.hub.edit(number, state="closed", by=by)
            for repository, issue in pull.closes if self.closes else ():
                for hub in self.hub.boards.hubs:
                    if hub.repository == repository:
                        hub.edit(issue, state="closed", reason="completed", by=by)
            return made

    def release(self, tag: str, *, target: str = "main", prerelease: bool = False, draft: bool = False) -> Release:
        """Make a release of a branch or commit."""
        with self.hub.lock:
            now = self._now()
            made = Release(len(self.releases) + 1, tag, target, draft, prerelease, now, now, None if draft else now)
            if not draft:
                self.refs[tag] = self.resolve(target)
            self.releases.append(made)
            return made

    def publish(self, tag: str, *, prerelease: bool = False) -> None:
        """Publish a draft, or say that a prerelease is none any more."""
        with self.hub.lock:
            at = next(n for n, one in enumerate(self.releases) if one.tag == tag)
            old, now = self.releases[at], self._now()
            self.refs.setdefault(tag, self.resolve(old.target))
            published = old.published or now
            self.releases[at] = replace(old, draft=False, prerelease=prerelease, updated=now, published=published)

    def deploy(self, environment: str = "production", *, ref: str = "main", state: str = "ACTIVE") -> Deployment:
        """Deploy; one that succeeds makes the environment's earlier ones inactive."""
        with self.hub.lock:
            now = self._now()
            if state in SUCCEEDED:
                self._retire(environment)
            made = Deployment(len(self.deployments) + 1, environment, self.resolve(ref), state, now, now)
            self.deployments.append(made)
            return made

    def succeed(self, deployment: int) -> None:
        """A deployment that was under way succeeds."""
        with self.hub.lock:
            old = self.deployments[deployment - 1]
            self._retire(old.environment)
            self.deployments[deployment - 1] = replace(old, state="ACTIVE", updated=self._now())

    def resolve(self, ref: str) -> str:
        """Return the commit of a branch, a tag or a commit's own name; ``KeyError`` where there is none."""
        return self.refs[ref] if ref in self.refs else self.commits[ref].oid

    def history(self, oid: str) -> list[Commit]:
        """Return a commit and all it contains, newest first."""
        seen, todo = set[str](), [oid]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += self.commits[one].parents
        return sorted((self.commits[one] for one in seen), key=lambda commit: (-commit.made, -commit.number))

    def _retire(self, environment: str) -> None:
        for at, old in enumerate(self.deployments):
            if old.environment.casefold() == environment.casefold() and old.state in SUCCEEDED:
                self.deployments[at] = replace(old, state="INACTIVE", updated=self._now())

    def _change(self, pull: Pull) -> None:
        with self.hub.lock:
            self.pulls[pull.number] = pull
            issue = self.hub.issues[pull.number]
            self.hub.put(replace(issue, updated=max(issue.updated, self._now())))

    def _now(self) -> int:
        return moments.seconds(self.hub.clock())
