"""A repository's releases and deployments: what was shipped, as commits with their times.

Both are read newest first, the last hundred releases and the last fifty deployments of each environment. Of a draft,
the tag need not exist yet: then it stands for the branch or commit that publishing it would tag (REST API, "Create a
release": ``target_commitish``), as far as the token may see drafts at all, which takes push access.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from trackersync.connector import Wire, decode
from trackersync_github.graphql import GraphQL, shaped
from trackersync_github.pulls import Merge
from trackersync_github.wire import refused

Kind = Literal["published", "prerelease", "draft"]

KINDS: tuple[Kind, ...] = ("published", "prerelease", "draft")
"""The values of the fact ``released``, what weighs most first."""

MOST_DRAFTS = 3
"""Drafts whose target is looked up; the newest."""

_WORKED = frozenset({"ACTIVE", "SUCCESS"})
_ONCE_WORKED = _WORKED | {"INACTIVE"}
"""A deployment that worked becomes inactive when a later one of its environment works."""

_RELEASES = """
query Releases($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    releases(first: 100, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { tagName isDraft isPrerelease createdAt updatedAt publishedAt tagCommit { oid committedDate } }
    }
  }
}
"""

_DEPLOYMENTS = """
query Deployments($owner: String!, $name: String!, $environments: [String!]) {
  repository(owner: $owner, name: $name) {
    deployments(first: 50, environments: $environments, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { state createdAt updatedAt commit { oid committedDate } }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Release:
    """One release.

    Attributes:
        kind: whether it is out.
        commit: what it is made of.
        made: when that was committed.
        changed: when the release was last made, edited or published.
    """

    kind: Kind
    commit: str
    made: datetime
    changed: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment that works, or once did.

    Attributes:
        works: it is the environment's present one, as far as it says itself.
        commit: what was deployed.
        made: when that was committed.
        begun: when the deployment was.
        changed: when its state last changed.
    """

    works: bool
    commit: str
    made: datetime
    begun: datetime
    changed: datetime


class _Release(msgspec.Struct, frozen=True, rename="camel"):
    tag_name: str
    is_draft: bool
    is_prerelease: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None
    tag_commit: Merge | None = None


class _ReleaseNodes(msgspec.Struct, frozen=True):
    nodes: list[_Release]


class _Released(msgspec.Struct, frozen=True):
    releases: _ReleaseNodes


class _Releases(msgspec.Struct, frozen=True):
    repository: _Released


class _Deployment(msgspec.Struct, frozen=True, rename="camel"):
    state: str | None
    created_at: datetime
    updated_at: datetime
    commit: Merge | None = None


class _DeploymentNodes(msgspec.Struct, frozen=True):
    nodes: list[_Deployment]


class _Deployed(msgspec.Struct, frozen=True):
    deployments: _DeploymentNodes


class _Deployments(msgspec.Struct, frozen=True):
    repository: _Deployed


class _Draft(msgspec.Struct, frozen=True):
    tag_name: str
    target_commitish: str
    draft: bool


class _Signed(msgspec.Struct, frozen=True):
    date: datetime


class _Inner(msgspec.Struct, frozen=True):
    committer: _Signed


class _Commit(msgspec.Struct, frozen=True):
    sha: str
    commit: _Inner


async def releases(graphql: GraphQL, wire: Wire, repository: str) -> tuple[Release, ...]:
    """The releases of a repository, the newest first.

    Raises:
        NotFoundError, RejectedError, UnavailableError: they cannot be known.
    """
    owner, _, name = repository.partition("/")
    data = await graphql.ask(_RELEASES, {"owner": owner, "name": name})
    rows = shaped(data, _Releases, f"the releases of {repository}").repository.releases.nodes
    untagged = [row.tag_name for row in rows if row.is_draft and row.tag_commit is None][:MOST_DRAFTS]
    targets = await _targets(wire, repository, untagged) if untagged else {}
    found = []
    for row in rows:
        commit = row.tag_commit or targets.get(row.tag_name)
        if commit is not None:
            changed = max(row.created_at, row.updated_at, row.published_at or row.created_at)
            found.append(Release(_kind(row), commit.oid, commit.committed_date, changed))
    return tuple(found)


def _kind(row: _Release) -> Kind:
    if row.is_draft:
        return "draft"
    return "prerelease" if row.is_prerelease else "published"


async def _targets(wire: Wire, repository: str, tags: Sequence[str]) -> Mapping[str, Merge]:
    """By tag of a draft, the commit that publishing it would tag now."""
    answer = await wire.read("GET", f"/repos/{repository}/releases", params={"per_page": 100})
    if answer.status != 200:
        raise refused(answer, f"listing the releases of {repository}")
    drafts = [row for row in decode(answer, list[_Draft]) if row.draft and row.tag_name in tags]
    found = await asyncio.gather(*(_target(wire, repository, row.target_commitish) for row in drafts))
    return {row.tag_name: commit for row, commit in zip(drafts, found, strict=True) if commit is not None}


async def _target(wire: Wire, repository: str, ref: str) -> Merge | None:
    answer = await wire.read("GET", f"/repos/{repository}/commits/{ref}")
    if answer.status in {404, 409, 422}:
        # No such branch, or an empty repository ("Get a commit"): this draft cannot be published as it is.
        return None
    if answer.status != 200:
        raise refused(answer, f"looking for {ref} of {repository}")
    commit = decode(answer, _Commit)
    return Merge(commit.sha, commit.commit.committer.date)


async def deployments(graphql: GraphQL, repository: str, environment: str) -> tuple[Deployment, ...]:
    """What was deployed to an environment, the newest first, without what failed or is under way.

    Raises:
        NotFoundError, RejectedError, UnavailableError: it cannot be known.
    """
    owner, _, name = repository.partition("/")
    data = await graphql.ask(_DEPLOYMENTS, {"owner": owner, "name": name, "environments": [environment]})
    rows = shaped(data, _Deployments, f"the deployments of {repository}").repository.deployments.nodes
    return tuple(
        Deployment(row.state in _WORKED, row.commit.oid, row.commit.committed_date, row.created_at, row.updated_at)
        for row in rows
        if row.commit is not None and row.state in _ONCE_WORKED
    )


def follows(found: Sequence[Release], at: int) -> Release | None:
    """The release that one follows: what is new in it is what that one did not contain. None for a first one."""
    rank = KINDS.index(found[at].kind)
    return next((one for one in found[at + 1 :] if KINDS.index(one.kind) <= rank), None)


def steps(found: Sequence[Deployment], since: datetime) -> tuple[Deployment | None, Deployment | None] | None:
    """What is deployed now, and what was before a moment; None where nothing has changed since.

    Either may be None: nothing is deployed, or nothing was.
    """
    if all(one.changed < since for one in found):
        return None
    now = next((one for one in found if one.works), None)
    before = next((one for one in found if one is not now and one.begun < since), None)
    return now, before
