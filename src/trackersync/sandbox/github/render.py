"""GitHub's JSON, member for member as its OpenAPI description requires it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trackersync.sandbox import moments

if TYPE_CHECKING:
    from trackersync.sandbox.github.model import Event, GitHub, Issue

# The version that took away the singular `assignee`.
WITHOUT_ASSIGNEE: Final = "2026-03-10"
JsonObject = dict[str, Any]


def node_id(prefix: str, number: int) -> str:
    """Return an opaque global id that never changes."""
    return f"{prefix}_{urlsafe_b64encode(number.to_bytes(8, 'big')).decode().rstrip('=')}"


def number_of(identity: str) -> tuple[str, int]:
    """Return prefix and number of a global id; 0 where it is none of ours."""
    prefix, _, number = identity.partition("_")
    try:
        return prefix, int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4)), "big")
    except ValueError:
        return prefix, 0


def issue_id(model: GitHub, number: int) -> int:
    """Return the database id of an issue, which is not its number."""
    return 2_400_000_000 + model.repository_id % 1_000_000 * 1_000 + number


def issue_node_id(model: GitHub, item: Issue) -> str:
    """Return the global id of an issue or pull request."""
    return node_id("PR" if item.pull else "I", issue_id(model, item.number))


def user(model: GitHub, login: str, base: str) -> JsonObject:
    """Render an account as other objects carry it."""
    number, url = model.account(login), f"{base}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "avatar_url": f"{base}/avatars/u/{number}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{base}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def profile(model: GitHub, login: str, base: str) -> JsonObject:
    """Render an account as it shows itself."""
    return user(model, login, base) | {
        "name": None,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }


def _encoded(model: GitHub, kind: str, name: str, base: str) -> msgspec.Raw:
    """Render an account or a label as bytes, once: a list of issues repeats few of them very often."""
    key = (kind, name, base)
    if key not in model.encoded:
        shown = user(model, name, base) if kind == "user" else label(model, name, base)
        model.encoded[key] = msgspec.Raw(msgspec.json.encode(shown))
    return model.encoded[key]


def label(model: GitHub, name: str, base: str) -> JsonObject:
    """Render a label of the repository."""
    number = model.label_ids.get(name, 0)
    return {
        "id": number,
        "node_id": node_id("LA", number),
        "url": f"{base}/repos/{model.repository}/labels/{name.replace(' ', '%20')}",
        "name": name,
        "color": "ededed",
        "default": False,
        "description": model.about.notes.get(name),
        "archived_at": None,
        "archived_by": None,
    }


def milestone(model: GitHub, number: int, base: str) -> JsonObject:
    """Render a milestone; the stand-in knows of it no more than its number, its title and when it is due."""
    url = f"{base}/repos/{model.repository}/milestones/{number}"
    return {
        "url": url,
        "html_url": f"{base}/{model.repository}/milestone/{number}",
        "labels_url": f"{url}/labels",
        "id": 1_000_000 + number,
        "node_id": node_id("MI", number),
        "number": number,
        "state": "open",
        "title": model.milestones.get(number, str(number)),
        "description": None,
        "creator": user(model, model.owner, base),
        "open_issues": 0,
        "closed_issues": 0,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "closed_at": None,
        "due_on": model.due.get(number),
    }


def issue_type(model: GitHub, name: str) -> JsonObject:
    """Render one of the organisation's types of issues."""
    number = 410 + model.issue_types.index(name)
    return {"id": number, "node_id": node_id("IT", number), "name": name, "description": None, "is_enabled": True}


def field_value(model: GitHub, field: int, option: str) -> JsonObject:
    """Render what an issue shows in one of the organisation's fields."""
    known = next(one for one in model.issue_fields if one.id == field)
    number = known.options.index(option) + 1
    return {
        "issue_field_id": field,
        "issue_field_name": known.name,
        "node_id": node_id("IFSS", field),
        "data_type": "single_select",
        "value": option,
        "single_select_option": {"id": number, "name": option, "color": "gray"},
    }


def issue(model: GitHub, item: Issue, base: str, version: str) -> JsonObject:
    """Render an issue as the list and the single GET show it."""
    repository = f"{base}/repos/{model.repository}"
    url = f"{repository}/issues/{item.number}"
    page = f"{base}/{model.repository}/{'pull' if item.pull else 'issues'}/{item.number}"
    number = issue_id(model, item.number)
    assignees = [_encoded(model, "user", login, base) for login in item.assignees]
    shown: JsonObject = {
        "url": url,
        "repository_url": repository,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "id": number,
        "node_id": issue_node_id(model, item),
        "number": item.number,
        "title": item.title,
        "user": _encoded(model, "user", item.author, base),
        "labels": [_encoded(model, "label", name, base) for name in item.labels],
        "state": item.state,
        "locked": False,
        "assignees": assignees,
        "milestone": None if item.milestone is None else milestone(model, item.milestone, base),
        "comments": item.comments,
        "created_at": moments.github(item.created),
        "updated_at": moments.github(item.updated),
        "closed_at": None if item.closed is None else moments.github(item.closed),
        "author_association": "MEMBER" if item.author.casefold() in model.assignable else "NONE",
        "active_lock_reason": None,
        "body": item.body,
        "closed_by": None if item.closed_by is None else _encoded(model, "user", item.closed_by, base),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": item.reason,
    }
    if model.issue_types:
        shown["type"] = None if item.type is None else issue_type(model, item.type)
    if model.issue_fields:
        shown["issue_field_values"] = [field_value(model, field, option) for field, option in item.fields]
    shown |= model.ties.shown(item.number, repository)
    if version != WITHOUT_ASSIGNEE:
        shown["assignee"] = assignees[0] if assignees else None
    if item.pull:
        pull = f"{repository}/pulls/{item.number}"
        known = model.code.pulls.get(item.number)
        shown["draft"] = known is not None and known.draft
        shown["pull_request"] = {
            "url": pull,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": None if known is None or known.merged is None else moments.github(known.merged),
        }
    return shown


def event(model: GitHub, line: Event, at: int, base: str) -> JsonObject:
    """Render one line of the timeline."""
    number = 9_000_000_000 + at
    shown: JsonObject = {
        "id": number,
        "node_id": node_id("EV", number),
        "url": f"{base}/repos/{model.repository}/issues/events/{number}",
        # Of these two events the real one names the assignee as actor, and who did it as assigner.
        "actor": user(model, line.assignee or line.actor, base),
        "event": line.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": moments.github(line.created),
        "performed_via_github_app": None,
    }
    if line.label is not None:
        shown["label"] = {"name": line.label, "color": "ededed"}
    if line.assignee is not None:
        shown["assignee"] = user(model, line.assignee, base)
        shown["assigner"] = user(model, line.actor, base)
    if line.milestone is not None:
        shown["milestone"] = {"title": line.milestone}
    for member, name in (("issue_type", line.type), ("prev_issue_type", line.old_type)):
        if name is not None:
            shown[member] = issue_type(model, name)
    if line.event in {"closed", "reopened"}:
        shown["state_reason"] = line.reason
    return shown


def repository(model: GitHub, base: str) -> JsonObject:
    """Render the repository itself."""
    url, page = f"{base}/repos/{model.repository}", f"{base}/{model.repository}"
    open_issues = sum(item.state == "open" for item in model.issues.values())
    links = {
        "archive": "/{archive_format}{/ref}", "assignees": "{/user}", "blobs": "/git/blobs{/sha}",
        "branches": "{/branch}",
        "collaborators": "{/collaborator}", "comments": "{/number}", "commits": "{/sha}",
        "compare": "/{base}...{head}",
        "contents": "/{+path}", "contributors": "", "deployments": "", "downloads": "", "events": "", "forks": "",
        "git_commits": "{/sha}", "git_refs": "{/sha}", "git_tags": "{/sha}", "hooks": "", "issue_comment": "{/number}",
        "issue_events": "{/number}", "issues": "{/number}", "keys": "{/key_id}", "labels": "{/name}", "languages": "",
        "merges": "", "milestones": "{/number}", "notifications": "{?since,all,participating}", "pulls": "{/number}",
        "releases": "{/id}", "stargazers": "", "statuses": "/{sha}", "subscribers": "", "subscription": "", "tags": "",
        "teams": "", "trees": "{/sha}",
    }  # fmt: skip
    return {
        "id": model.repository_id,
        "node_id": node_id("R", model.repository_id),
        "name": model.name,
        "full_name": model.repository,
        "owner": user(model, model.owner, base) | {"type": model.hub.kind(model.owner)},
        "private": model.private,
        "html_url": page,
        "description": "The sample shop" if model.repository == "acme/shop" else None,
        "fork": False,
        "url": url,
        **{f"{name}_url": f"{url}/{name}{tail}" for name, tail in links.items()},
        "git_url": f"git:{page.partition(':')[2]}.git",
        "ssh_url": f"git@sandbox:{model.repository}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": "main",
        "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "size": 0,
        "network_count": 0, "subscribers_count": 0,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "has_issues": model.has_issues,
        "has_projects": False, "has_wiki": False, "has_pages": False, "has_discussions": False,
        "archived": model.archived,
        "disabled": False,
        "visibility": "private" if model.private else "public",
        "permissions": {
            "admin": model.about.role == "admin", "maintain": model.about.role in {"admin", "maintain"},
            "push": model.push, "triage": model.push, "pull": True,
        },
        "pushed_at": model.about.pushed,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }  # fmt: skip
