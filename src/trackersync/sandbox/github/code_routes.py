"""The REST paths of a repository's code: comparing commits, one commit, releases, files, a team's members."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import RefusalError, not_found
from trackersync.sandbox.github.listing import page_number, page_size
from trackersync.sandbox.github.routes import Answer, check_repository, paged

if TYPE_CHECKING:
    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.code import Code, Commit, Deployment, Pull, Release

_REPOSITORY: Final = "/repos/{owner}/{repo}"


def compare(call: Call) -> Answer:
    """Compare two commits: what head contains and base does not, oldest first and paged."""
    code = _code(call)
    base, found, head = call.params["basehead"].partition("...")
    try:
        before, after = code.history(code.resolve(base)), code.history(code.resolve(head))
    except KeyError as trouble:
        raise not_found() from trouble
    if not found:
        raise not_found()
    inside, outside = {one.oid for one in before}, {one.oid for one in after}
    ahead = [one for one in after[::-1] if one.oid not in inside]
    behind = sum(one.oid not in outside for one in before)
    size, page = page_size(call.query), page_number(call.query)
    url = f"{call.base}/repos/{call.model.repository}/compare/{base}...{head}"
    return Answer(
        200,
        {
            "url": url,
            "html_url": url,
            "permalink_url": url,
            "diff_url": f"{url}.diff",
            "patch_url": f"{url}.patch",
            "base_commit": _commit(call, before[0]),
            "merge_base_commit": _commit(call, next((one for one in before if one.oid in outside), before[0])),
            "status": _status(len(ahead), behind),
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [_commit(call, one) for one in ahead[(page - 1) * size : page * size]],
            "files": [],
        },
    )


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead or behind:
        return "ahead" if ahead else "behind"
    return "identical"


def commit(call: Call) -> Answer:
    """Show one commit, by any name it has."""
    code = _code(call)
    try:
        return Answer(200, _commit(call, code.commits[code.resolve(call.params["ref"])]))
    except KeyError as trouble:
        raise RefusalError(422, f"No commit found for SHA: {call.params['ref']}") from trouble


def releases(call: Call) -> Answer:
    """List the releases, newest first; drafts only for who may push."""
    shown = [one for one in _code(call).releases[::-1] if call.may_push or not one.draft]
    return paged(call, [_release(call, one) for one in shown])


def pulls(call: Call) -> Answer:
    """List the open pull requests, the newest first."""
    code = _code(call)
    shown = [pull for _, pull in sorted(code.pulls.items(), reverse=True)]
    return paged(call, [_pull(call, pull) for pull in shown if call.model.issues[pull.number].state == "open"])


def deployments(call: Call) -> Answer:
    """List the deployments, the newest first."""
    return paged(call, [_deployment(call, one) for one in _code(call).deployments[::-1]])


def contents(call: Call) -> Answer:
    """Show a file of the default branch."""
    path = call.params["path"]
    text = _code(call).files.get(path)
    if text is None:
        raise not_found()
    url = f"{call.base}/repos/{call.model.repository}/contents/{path}"
    body: dict[str, Any] = {
        "type": "file",
        "encoding": "base64",
        "size": len(text.encode()),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": b64encode(text.encode()).decode(),
        "sha": "0" * 40,
        "url": url,
        "git_url": None,
        "html_url": None,
        "download_url": None,
        "_links": {"self": url, "git": None, "html": None},
    }
    return Answer(200, body)


def members(call: Call) -> Answer:
    """List a team's members; 404 where there is none, or the token may not see it."""
    logins = call.model.code.teams.get(f"{call.params['org']}/{call.params['team']}".casefold())
    if logins is None or not call.model.code.readable:
        raise not_found()
    return paged(call, [render.user(call.model, login, call.base) for login in logins])


def _code(call: Call) -> Code:
    check_repository(call)
    if not call.model.code.readable:
        raise RefusalError(403, "Resource not accessible by personal access token")
    return call.model.code


def _commit(call: Call, one: Commit) -> dict[str, Any]:
    url = f"{call.base}/repos/{call.model.repository}/commits/{one.oid}"
    signed = {"name": one.author, "email": f"{one.author}@acme.example", "date": moments.github(one.made)}
    author = render.user(call.model, one.author, call.base)
    return {
        "url": url,
        "sha": one.oid,
        "node_id": render.node_id("C", one.number),
        "html_url": f"{call.base}/{call.model.repository}/commit/{one.oid}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": url,
            "author": signed,
            "committer": signed,
            "message": f"Commit {one.number}",
            "comment_count": 0,
            "tree": {"sha": one.oid, "url": url},
        },
        "author": author,
        "committer": author,
        "parents": [{"sha": parent, "url": url, "html_url": url} for parent in one.parents],
    }


def _pull(call: Call, pull: Pull) -> dict[str, Any]:
    """A pull request as the list of them shows it: more than the issue that it is too, and its links lead elsewhere."""
    item, here = call.model.issues[pull.number], f"{call.base}/repos/{call.model.repository}"
    shown = render.issue(call.model, item, call.base, call.version)
    url, page, issue = f"{here}/pulls/{pull.number}", shown["html_url"], shown["url"]
    head, base = pull.commits[-1], call.model.code.commits[pull.commits[0]].parents[0]
    links = {
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{url}/comments{{/number}}",
        "statuses_url": f"{here}/statuses/{head}",
        "comments_url": f"{issue}/comments",
    }
    owner = render.user(call.model, call.model.owner, call.base) | {"type": call.model.hub.kind(call.model.owner)}
    repository = render.repository(call.model, call.base)

    def end(ref: str, oid: str) -> dict[str, Any]:
        label = f"{call.model.owner}:{ref}"
        return {"label": label, "ref": ref, "sha": oid, "user": owner, "repo": repository}

    more = {
        **{name: shown["pull_request"][name] for name in ("diff_url", "patch_url", "merged_at")},
        **links,
        "url": url,
        "issue_url": issue,
        "head": end(f"pull-{pull.number}", head),
        "base": end("main", base),
        "auto_merge": None,
        "requested_reviewers": [],
        "requested_teams": [],
        "_links": {
            **{name.removesuffix("_url"): {"href": link} for name, link in links.items()},
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue},
        },
    }
    if call.version != render.WITHOUT_ASSIGNEE:
        more["merge_commit_sha"] = pull.merge
    del shown["pull_request"]
    return shown | more


def _deployment(call: Call, one: Deployment) -> dict[str, Any]:
    here = f"{call.base}/repos/{call.model.repository}"
    return {
        "url": f"{here}/deployments/{one.id}",
        "id": one.id,
        "node_id": render.node_id("DE", one.id),
        "sha": one.oid,
        "ref": one.oid,
        "task": "deploy",
        "payload": {},
        "original_environment": one.environment,
        "environment": one.environment,
        "description": None,
        "creator": render.user(call.model, call.model.owner, call.base),
        "created_at": moments.github(one.created),
        "updated_at": moments.github(one.updated),
        "statuses_url": f"{here}/deployments/{one.id}/statuses",
        "repository_url": here,
    }


def _release(call: Call, one: Release) -> dict[str, Any]:
    url = f"{call.base}/repos/{call.model.repository}/releases/{one.id}"
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "html_url": f"{call.base}/{call.model.repository}/releases/tag/{one.tag}",
        "id": one.id,
        "node_id": render.node_id("RE", one.id),
        "tag_name": one.tag,
        "target_commitish": one.target,
        "name": one.tag,
        "body": None,
        "draft": one.draft,
        "prerelease": one.prerelease,
        "created_at": moments.github(one.created),
        "updated_at": moments.github(one.updated),
        "published_at": None if one.published is None else moments.github(one.published),
        "author": render.user(call.model, call.model.owner, call.base),
        "assets": [],
        "tarball_url": None,
        "zipball_url": None,
    }


ROUTES: Final = (
    ("GET", _REPOSITORY + "/compare/{basehead:path}", compare),
    ("GET", _REPOSITORY + "/commits/{ref:path}", commit),
    ("GET", _REPOSITORY + "/releases", releases),
    ("GET", _REPOSITORY + "/pulls", pulls),
    ("GET", _REPOSITORY + "/deployments", deployments),
    ("GET", _REPOSITORY + "/contents/{path:path}", contents),
    ("GET", "/orgs/{org}/teams/{team}/members", members),
)
