"""What an examination of a GitHub says: each thing that is well, and each that is not with what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from github_board_doubles import PROJECT, boarded
from github_doubles import NOON, TOKEN, Clock, opened, served, shop

from github_apps import app, registered
from trackersync.connector import AuthError, Check, Facts, Grade, UnavailableError
from trackersync.sandbox import GitHub, answer, github_app
from trackersync.sandbox.github.rights import Credential
from trackersync.sandbox.server import _serving

GOOD, NOTE, WARNING, ERROR = Grade
NOBODY: dict[str, Any] = {"token": None, "anonymous": True}
FINE, CLASSIC, OAUTH, INSTALLED = "github_pat_11AAA", "ghp_classic", "gho_oauth", "ghs_installed"
PAGE = "http://api.github.test"


MAY = "may read issues, and write them as far as the token allows, which GitHub does not tell"


async def examined(model: GitHub, *others: GitHub, named: Facts | None = None, **settings: Any) -> tuple[Check, ...]:  # noqa: ANN401
    names = settings.pop("repositories", [one.repository for one in (model, *others)])
    async with opened(served(model, *others), repositories=names, clock=Clock(), **settings) as it:
        checks = tuple([check async for check in it.github.examine(named or {})])
    assert model.writes == 0, "an examination reads only"
    assert not [check for check in checks if TOKEN in f"{check}"]
    return checks


def of(checks: tuple[Check, ...], name: str) -> tuple[tuple[Grade, str], ...]:
    """Grade and words of the checks of a name."""
    return tuple((check.grade, check.said) for check in checks if check.name == name)


def one(checks: tuple[Check, ...], name: str) -> Check:
    (check,) = [check for check in checks if check.name == name]
    return check


def granted(model: GitHub, token: str = TOKEN, **rights: Any) -> GitHub:  # noqa: ANN401  # a credential's members
    model.hub.credentials[token] = Credential(**{"login": "acme-bot", **rights})
    return model


async def test_one_screen_where_all_is_well() -> None:
    clock = Clock()
    model = granted(shop(clock), FINE)
    model.token_expires = NOON + timedelta(days=60)
    checks = await examined(model, named={"labels": ("stage: build", "Stage: Verify")}, token=FINE)

    assert [(check.name, check.grade, check.said) for check in checks] == [
        ("who we are", GOOD, "acme-bot, fine-grained token"),
        ("token", GOOD, "expires 4 May, in 60 days"),
        (
            "acme/shop",
            GOOD,
            f"{MAY}; 2 of 2 stage labels exist",
        ),
        ("budget", GOOD, "15,000 of 15,000 requests left until 13:00 UTC"),
        ("webhooks", NOTE, "none; an edit crosses at the next run"),
    ]
    assert not any(check.remedy for check in checks)


# Who we are.


@pytest.mark.parametrize(
    ("token", "rights", "said"),
    [
        (FINE, {}, "acme-bot, fine-grained token"),
        (CLASSIC, {"scopes": frozenset({"repo"})}, "acme-bot, classic token"),
        (OAUTH, {"scopes": frozenset({"repo"})}, "acme-bot, token of an OAuth app"),
        ("0123456789abcdef", {"scopes": frozenset({"repo"})}, "acme-bot, classic token"),
        ("0123456789abcdef", {}, "acme-bot, token"),
        (INSTALLED, {"login": ""}, "an App's installation, as GITHUB_TOKEN of a workflow is"),
    ],
)
async def test_who_we_are_is_told_with_the_kind_of_token(token: str, rights: dict[str, Any], said: str) -> None:
    checks = await examined(granted(shop(), token, **rights), token=token)
    assert of(checks, "who we are") == ((GOOD, said),)


async def test_nobody_is_told_what_that_means() -> None:
    model = shop()
    checks = await examined(model, named={"labels": ("stage: build",)}, **NOBODY)
    assert one(checks, "who we are") == Check(
        "who we are",
        NOTE,
        "nobody: without a token GitHub shows what is public, and takes no writes",
        "set `token` for what is private, and to write",
    )
    assert of(checks, "acme/shop") == ((GOOD, "may read issues; `writes` allows nothing; 1 of 1 stage labels exist"),)
    budget = one(checks, "budget")
    assert (budget.grade, budget.said) == (NOTE, "60 of 60 requests left until 13:00 UTC")
    assert "set `token` and it is 5,000" in budget.remedy
    assert of(checks, "webhooks") == ()
    assert {request.status for request in model.requests} == {200}


async def test_a_token_that_is_not_accepted_is_no_check() -> None:
    with pytest.raises(AuthError, match="does not accept the credential"):
        await examined(shop(), token="ghp_expired")


async def test_a_server_that_does_not_answer_is_no_check() -> None:
    model = shop()
    model.faults.add(answer(503), times=99)
    with pytest.raises(UnavailableError):
        await examined(model)


# When the token ends.


@pytest.mark.parametrize(
    ("left", "grade", "said"),
    [
        (timedelta(days=-2), ERROR, "ended 3 Mar"),
        (timedelta(0), ERROR, "ended 5 Mar"),
        (timedelta(hours=5), WARNING, "expires 5 Mar, in 5 hours"),
        (timedelta(days=1), WARNING, "expires 6 Mar, in 1 day"),
        (timedelta(days=23), WARNING, "expires 28 Mar, in 23 days"),
        (timedelta(days=29, hours=23), WARNING, "expires 4 Apr, in 29 days"),
        (timedelta(days=30), GOOD, "expires 4 Apr, in 30 days"),
        (timedelta(days=365), GOOD, "expires 5 Mar 2027, in 365 days"),
    ],
)
async def test_the_end_of_a_token_is_told_in_time(left: timedelta, grade: Grade, said: str) -> None:
    model = granted(shop(), FINE)
    model.token_expires = NOON + left
    check = one(await examined(model, token=FINE), "token")
    assert (check.grade, check.said) == (grade, said)
    assert (f"{PAGE}/settings/personal-access-tokens" in check.remedy) == (grade is not GOOD)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("2026-03-28 12:00:00 UTC", "expires 28 Mar, in 23 days"),
        ("2026-03-28 05:00:00 -0700", "expires 28 Mar, in 23 days"),
        ("", None),
        ("soon", None),
    ],
)
async def test_the_end_of_a_token_is_read_in_both_of_its_forms(header: str, said: str | None) -> None:
    model = granted(shop(), CLASSIC)
    me = answer(200, '{"login": "acme-bot"}', {"github-authentication-token-expiration": header})
    model.faults.add(me, path=r"/user$")
    assert of(await examined(model, token=CLASSIC), "token") == (() if said is None else ((WARNING, said),))


# What it may, and need not.


async def test_a_scope_that_is_missing_is_an_error_of_the_token() -> None:
    model = granted(shop(), CLASSIC, scopes=frozenset({"gist"}))
    tokens = of(await examined(model, token=CLASSIC), "token")
    assert tokens == (
        (ERROR, "lacks the scope public_repo to write issues"),
        (WARNING, "may also gist; trackersync never needs that"),
    )


@pytest.mark.parametrize(
    ("scopes", "more", "beyond"),
    [
        ({"repo"}, {}, None),
        ({"public_repo", "read:org", "read:project", "user:email"}, {}, None),
        ({"repo", "admin:org", "delete_repo"}, {}, "admin:org, delete_repo"),
        ({"repo", "workflow", "gist", "read:org"}, {}, "gist, workflow"),
        ({"repo", "project"}, {}, "project"),
        ({"repo", "project"}, {"project": PROJECT}, None),
        ({"repo", "admin:repo_hook"}, {}, "admin:repo_hook"),
        ({"repo", "admin:repo_hook"}, {"webhook_secrets": ["sesame"]}, None),
    ],
)
async def test_scopes_beyond_what_is_needed_are_a_warning(
    scopes: set[str], more: dict[str, Any], beyond: str | None
) -> None:
    model, _ = boarded()
    checks = await examined(granted(model, CLASSIC, scopes=frozenset(scopes)), token=CLASSIC, **more)
    said = () if beyond is None else ((WARNING, f"may also {beyond}; trackersync never needs that"),)
    assert of(checks, "token") == said
    if said:
        assert one(checks, "token").remedy == f"a token with the scope public_repo does: {PAGE}/settings/tokens"


@pytest.mark.parametrize(
    ("token", "role", "verb"),
    [
        (CLASSIC, "push", None),
        (CLASSIC, "maintain", "maintain"),
        (CLASSIC, "admin", "administer"),
        # A fine-grained token narrows what its account may; how much, GitHub does not tell. So does an App's.
        (FINE, "admin", None),
        ("ghu_of_an_app", "admin", None),
    ],
)
async def test_a_role_beyond_what_is_needed_is_a_warning_where_the_token_does_not_narrow_it(
    token: str, role: str, verb: str | None
) -> None:
    scopes = frozenset({"repo"}) if token == CLASSIC else None
    model = granted(shop(), token, scopes=scopes)
    model.about.role = role
    checks = [check for check in await examined(model, token=token) if check.name == "acme/shop"]
    assert [check.grade for check in checks] == ([GOOD] if verb is None else [GOOD, WARNING])
    if verb is not None:
        assert checks[1].said == f"may also {verb} the repository; trackersync never needs that"
        assert "the role triage" in checks[1].remedy


async def test_a_role_in_many_repositories_is_one_line() -> None:
    models = [shop(repository=f"acme/r{number:02}") for number in range(12)]
    for model in models[1:]:
        model.about.role = "admin"
    granted(models[0], CLASSIC, scopes=frozenset({"repo"}))
    checks = await examined(*models, token=CLASSIC, writes=())
    assert of(checks, "repositories") == (
        (GOOD, "12 of 12 may read issues; `writes` allows nothing"),
        (WARNING, "may also administer or maintain 11 of them; trackersync never needs that"),
    )
    assert "the role read" in checks[2].remedy


async def test_what_keeps_us_from_a_repository_is_an_error_with_its_remedy_apart() -> None:
    model, secret, old, moved = (shop(repository=f"acme/{name}") for name in ("shop", "secret", "old", "moved"))
    granted(model, CLASSIC, scopes=frozenset({"public_repo"}))
    secret.private, old.archived, model.push = True, True, False
    moved.rename("acme/gone-on")
    names = ["acme/shop", "acme/secret", "acme/old", "acme/moved"]
    checks = await examined(model, secret, old, moved, repositories=names, token=CLASSIC)

    shown = {check.name: check for check in checks}
    assert (shown["acme/shop"].grade, shown["acme/shop"].said) == (
        ERROR,
        "may be read but not written: GitHub would drop labels and assignees without a word",
    )
    assert shown["acme/shop"].remedy == "give the account the role triage there, or set `writes: none`"
    assert shown["acme/secret"].grade is ERROR
    assert shown["acme/secret"].said.startswith("cannot be read: GitHub answered 404")
    assert shown["acme/secret"].remedy.startswith("check the spelling of acme/secret under `repositories`")
    assert (shown["acme/old"].grade, shown["acme/old"].said) == (
        WARNING,
        "is archived: it is read, but nothing in it can be written",
    )
    assert (shown["acme/moved"].grade, shown["acme/moved"].said, shown["acme/moved"].remedy) == (
        WARNING,
        "is called acme/gone-on now",
        "correct it under `repositories`",
    )


async def test_a_permission_that_is_missing_is_an_error_of_the_repository() -> None:
    model = granted(shop(), FINE, permissions={})
    check = one(await examined(model, token=FINE), "acme/shop")
    assert (check.grade, check.said) == (
        ERROR,
        "the issues of acme/shop cannot be read: GitHub answered 403 on /repos/acme/shop/issues",
    )
    assert check.remedy == "give the token the permission issues=read"


async def test_many_repositories_with_which_all_is_well_are_one_line() -> None:
    models = [shop(repository=f"acme/r{number:02}") for number in range(12)]
    models[3].archived = True
    checks = await examined(*models)
    assert of(checks, "repositories") == ((GOOD, "11 of 12 may read and write issues"),)
    assert [check.name for check in checks if check.name.startswith("acme/")] == ["acme/r03"]


async def test_an_app_is_told_with_what_it_may_beyond_its_needs() -> None:
    model = shop()
    registered(model).install("acme", {"issues": "write", "metadata": "read", "contents": "read", "members": "write"})
    with _serving(github_app(model), 0) as url:
        async with opened(None, url=url, **app()) as it:
            checks = tuple([check async for check in it.github.examine({})])
    assert one(checks, "who we are").said == "acme-sync[bot], a GitHub App installed on acme"
    check = one(checks, "app")
    assert (check.grade, check.said) == (WARNING, "may also members: write; trackersync never needs that")
    assert of(checks, "acme/shop") == ((GOOD, "may read and write issues"),)


# What is named.


async def test_labels_that_no_repository_has_are_made_when_they_are_needed() -> None:
    one_, other = shop(), GitHub("acme/pay")
    other.add_label("stage: launch")
    named = {"labels": ("stage: build", "stage: launch", "stage: biuld", "something else")}
    ((grade, said),) = of(await examined(one_, other, named=named), "labels")
    assert grade is NOTE
    made, _, absent = said.partition(": ")
    assert made == "2 of 4 stage labels exist; made when they are first needed"
    assert absent == '"stage: biuld" (did you mean "stage: build"?), "something else"'


async def test_a_label_of_the_last_of_many_repositories_is_found() -> None:
    models = [GitHub(f"acme/r{number:02}") for number in range(10)]
    models[9].add_label("stage: launch")
    assert of(await examined(*models, named={"labels": ("stage: launch",)}), "labels") == (
        (GOOD, "1 of 1 stage labels exist"),
    )


async def test_where_nothing_is_written_a_missing_label_is_a_warning() -> None:
    check = one(await examined(shop(), named={"labels": ("stage: biuld",)}, writes=()), "labels")
    assert (check.grade, check.said) == (
        WARNING,
        '0 of 1 stage labels exist; no issue can show "stage: biuld" (did you mean "stage: build"?)',
    )
    assert check.remedy == f"correct `stages`, or create them: {PAGE}/acme/shop/labels"


async def test_columns_that_the_board_does_not_have_are_an_error() -> None:
    model, _ = boarded()
    checks = await examined(model, named={"board": ("Todo", "Doign", "in review")}, project=PROJECT)
    check = one(checks, "board")
    assert (check.grade, check.said) == (ERROR, 'project 7 of acme has no column "Doign" (did you mean "Doing"?)')
    assert check.remedy == "correct it under `stages`; there are: Todo, Doing, In Review, Done"


async def test_columns_that_it_has_are_well() -> None:
    model, _ = boarded()
    checks = await examined(model, named={"board": ("Todo", "doing")}, project=PROJECT)
    assert of(checks, "board") == ((GOOD, "project 7 of acme: 2 of 2 columns exist"),)


async def test_a_board_that_may_not_be_seen_is_an_error_of_it() -> None:
    model, _ = boarded()
    granted(model, FINE, permissions={"issues": "write"})
    check = one(await examined(model, named={"board": ("Todo",)}, project=PROJECT, token=FINE), "board")
    assert check.grade is ERROR
    assert "403" in check.said
    assert "organization_projects=read" in check.remedy


async def test_options_of_the_field_are_looked_for() -> None:
    model, _ = boarded()
    checks = await examined(model, named={"field": ("Design", "Bulid")}, field="Phase")
    assert of(checks, "field") == ((ERROR, 'Phase has no option "Bulid" (did you mean "Build"?)'),)


# What is left.


async def test_where_little_is_left_of_the_hour_that_is_a_warning() -> None:
    model = shop()
    model.faults.add(answer(200, '{"resources": {"core": {"limit": 5000, "remaining": 499, "reset": 1772712000}}}'))
    check = one(await examined(model), "budget")
    assert (check.grade, check.said) == (WARNING, "499 of 5,000 requests left until 12:00 UTC")


async def test_where_nothing_is_left_nothing_else_is_asked() -> None:
    model = shop()
    model.hub.unsigned_hourly = 0
    checks = await examined(model, **NOBODY)
    assert [(check.name, check.grade, check.said) for check in checks] == [
        ("budget", WARNING, "none of 0 requests left until 13:00 UTC, so nothing else was asked")
    ]
    assert "set `token`" in checks[0].remedy
    assert [request.path for request in model.requests] == ["/rate_limit"]


async def test_a_server_that_counts_nothing_is_well() -> None:
    model = shop()
    model.faults.add(answer(404, '{"message": "Rate limiting is not enabled."}'), path=r"/rate_limit")
    assert of(await examined(model), "budget") == ((GOOD, "this server counts no requests"),)


# Webhooks.


def hooked(model: GitHub, events: list[str], *, active: bool = True, place: str = "") -> int:
    """A webhook of the repository, or of an organisation."""
    hub = model.hub
    hub.hooks_given += 1
    number = 480_000_000 + hub.hooks_given
    made = {"id": number, "active": active, "events": events, "config": {"url": "https://sync.acme.example/?key=hush"}}
    hub.hooks.setdefault(place or str(model.repository_id), {})[number] = made
    return number


async def test_a_webhook_that_arrives_is_well() -> None:
    clock = Clock()
    model = shop(clock)
    number = hooked(model, ["issues", "label"])
    hooked(model, ["push"])
    clock.time = NOON - timedelta(minutes=3)
    model.hub.deliver(number, 202)
    clock.time = NOON
    checks = await examined(model)
    assert of(checks, "webhooks") == ((GOOD, "1 tells of issues (acme/shop); last delivery 3 min ago, answered 202"),)
    assert "hush" not in str(checks)


async def test_an_organisations_webhook_tells_for_all_of_its_repositories() -> None:
    model = shop()
    hooked(model, ["*"], place="acme")
    assert of(await examined(model), "webhooks") == ((GOOD, "1 tells of issues (acme); nothing delivered lately"),)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [(500, "Internal Server Error", "answered 500"), (0, "timed out", "not answered (timed out)")],
)
async def test_a_delivery_that_failed_is_a_warning_with_its_page(code: int, status: str, words: str) -> None:
    model = shop()
    number = hooked(model, ["issues"])
    model.hub.deliver(number, 202)
    model.hub.deliver(number, code, status)
    check = one(await examined(model), "webhooks")
    assert (check.grade, check.said) == (WARNING, f"acme/shop: the last delivery just now was {words}")
    assert check.remedy == f"{PAGE}/acme/shop/settings/hooks/{number}"


async def test_one_failure_that_was_followed_by_a_success_is_over() -> None:
    model = shop()
    number = hooked(model, ["issues"])
    model.hub.deliver(number, 500)
    model.hub.deliver(number, 202)
    assert one(await examined(model), "webhooks").grade is GOOD


@pytest.mark.parametrize(
    ("events", "active", "said"),
    [
        (["push"], True, "none that tells of issues, of 1; an edit crosses at the next run"),
        (["issues"], False, "1 tells of issues, and none is active; an edit crosses at the next run"),
    ],
)
async def test_webhooks_that_tell_nothing_are_a_note(events: list[str], active: bool, said: str) -> None:
    model = shop()
    hooked(model, events, active=active)
    assert of(await examined(model), "webhooks") == ((NOTE, said),)


async def test_webhooks_that_may_not_be_seen_are_a_note() -> None:
    model = granted(shop(), FINE, permissions={"issues": "write"})
    hooked(model, ["issues"])
    check = one(await examined(model, token=FINE), "webhooks")
    assert check.grade is NOTE
    assert check.said.startswith("this token may not see them")
    assert check.remedy == ""


async def test_webhooks_that_cannot_be_asked_for_now_are_no_error_of_the_whole() -> None:
    model = shop()
    model.faults.add(answer(503), path=r"/hooks", times=99)
    checks = await examined(model)
    assert one(checks, "webhooks").grade is NOTE
    assert one(checks, "who we are").grade is GOOD
