"""Which repositories are looked at: what the configuration may say, and what GitHub is asked for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from github_doubles import Clock, Open, opened, served, shop, stage_change
from pydantic import ValidationError

from trackersync.connector import (
    Discovery,
    ItemRef,
    Lately,
    NotFoundError,
    RejectedError,
    UnavailableError,
)
from trackersync.sandbox import GitHub, answer
from trackersync.sandbox.faults import Fault
from trackersync.sandbox.github.rights import Credential
from trackersync_github import GithubSettings
from trackersync_github.selection import Selection

DENIED = answer(403, '{"message": "no"}', {"x-accepted-github-permissions": "metadata=read"})


def settings(*repositories: str, **more: object) -> GithubSettings:
    return GithubSettings.model_validate({"connector": "github", "repositories": list(repositories)} | more)


def hub(*names: str) -> tuple[GitHub, ...]:
    return tuple(shop(repository=name) for name in names)


def asked(model: GitHub) -> list[str]:
    return [f"{request.path}{'?' if request.query else ''}{request.query}" for request in model.requests]


async def found(it: Open) -> Discovery:
    return await it.github.discover()


# What may be written.


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (["!acme/archive-*"], "say what to look at as well"),
        (["acme/shop", "!acme/archive-*"], "takes away from what patterns find, and there is none"),
        (["acme/*", "!globex/old"], "no pattern is for"),
        (["*/shop"], "an owner is named in full and without wildcards"),
        (["*"], "an owner is named in full"),
        (["acm?/*"], "an owner is named in full"),
        (["acme"], r"for all of an owner write acme/\*"),
        (["!archive-*"], r"""written with its owner, as in "!acme/archive-\*\""""),
        (["!"], "written with its owner"),
        (["acme/*", "ACME/*"], "is listed twice"),
        (["acme/shop", "Acme/Shop"], "is listed twice"),
        (["https://github.com/acme/shop.git"], "write acme/shop"),
        (["acme/sh op"], "is named OWNER/NAME"),
        ([], "at least 1"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_what_to_write(entries: list[str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings(*entries)


@pytest.mark.parametrize(
    ("entries", "name", "looked_at"),
    [
        (["acme/*"], "acme/shop", True),
        (["ACME/*"], "acme/Shop", True),
        (["acme/shop-*"], "acme/shop-web", True),
        (["acme/shop-*"], "acme/shop", False),
        (["acme/*"], "acme-labs/shop", False),
        (["acme/*", "!acme/archive-*"], "acme/archive-2020", False),
        (["!acme/archive-*", "acme/*"], "acme/ARCHIVE-2020", False),
        (["!acme/archive-*", "acme/*", "acme/archive-2020"], "acme/archive-2020", True),
        (["acme/[ab]*"], "acme/billing", True),
        (["acme/shop"], "acme/pay", False),
    ],
)
def test_what_names_patterns_and_exclusions_mean(entries: list[str], name: str, looked_at: object) -> None:
    assert settings(*entries).selection.means(name) is looked_at


def test_an_app_is_installed_for_one_owner_so_several_need_a_tracker_each() -> None:
    app = {"client_id": "Iv23", "private_key_file": "key.pem"}
    with pytest.raises(ValidationError, match="one for acme, one for globex"):
        settings("acme/*", "globex/pay", app=app)
    assert settings("acme/*", "Acme/pay", "!acme/x", app=app).owners == ("acme",)


def test_one_credential_is_enough() -> None:
    with pytest.raises(ValidationError, match="keep one of the two"):
        settings("acme/shop", token="t", app={"client_id": "Iv23", "private_key_file": "key.pem"})


# What is asked.


async def test_names_alone_cost_no_request() -> None:
    (model,) = hub("acme/shop")
    async with opened(served(model)) as it:
        discovery = await found(it)

    assert discovery.names == ("acme/shop",)
    assert "acme/pay" in discovery.aside, "taken out of the configuration, it goes out of scope"
    assert "acme/shop" not in discovery.aside
    assert model.requests == []


async def test_an_organisations_repositories_are_listed_to_the_last_page() -> None:
    models = hub(*(f"acme/r{n:03}" for n in range(250)), "globex/pay")
    async with opened(served(*models), repositories=["acme/*"]) as it:
        discovery = await found(it)

    assert discovery.names == tuple(f"acme/r{n:03}" for n in range(250))
    pages = [path for path in asked(models[0]) if path.startswith("/orgs/acme/repos")]
    assert len(pages) == 3
    assert all("type=all" in page and "sort=created" in page and "direction=asc" in page for page in pages)


async def test_a_users_repositories_are_those_that_everybody_sees() -> None:
    models = hub("ada-l/one", "ada-l/two")
    models[0].hub.users.add("ada-l")
    models[1].private = True
    async with opened(served(*models), repositories=["ada-l/*"]) as it:
        assert (await found(it)).names == ("ada-l/one",)


async def test_ones_own_repositories_are_private_ones_as_well() -> None:
    models = hub("acme-bot/one", "acme-bot/two", "globex/pay")
    models[0].hub.users.add("acme-bot")
    models[1].private = True
    async with opened(served(*models), repositories=["acme-bot/*"]) as it:
        assert (await found(it)).names == ("acme-bot/one", "acme-bot/two")


async def test_an_installations_token_lists_what_it_was_given() -> None:
    """The token of GitHub Actions, and an App's: no user, so `/user` answers 403."""
    models = hub("acme/shop", "acme/pay", "acme/hr")
    models[0].hub.credentials["ghs_hush-hush.123"] = Credential(
        permissions={"issues": "write"}, owner="acme", repositories=frozenset({"acme/shop", "acme/hr"})
    )
    async with opened(served(*models), repositories=["acme/*"]) as it:
        assert (await found(it)).names == ("acme/hr", "acme/shop")
    assert [path.partition("?")[0] for path in asked(models[0])] == ["/user", "/installation/repositories"]


async def test_what_is_left_out_is_told_from_what_is_not_found() -> None:
    models = hub("acme/shop", "acme/archive-2020", "acme/old", "acme/code", "acme/pay")
    models[2].archived = True
    models[3].has_issues = False
    async with opened(served(*models), repositories=["acme/*", "!acme/archive-*"]) as it:
        discovery = await found(it)

    assert discovery.names == ("acme/pay", "acme/shop")
    assert all(name in discovery.aside for name in ("acme/archive-2020", "acme/OLD", "acme/code", "globex/x"))
    assert "acme/gone" not in discovery.aside, "found before and not any more: an alarm"


async def test_archived_ones_are_found_where_that_is_wanted() -> None:
    models = hub("acme/shop", "acme/old")
    models[1].archived = True
    async with opened(served(*models), repositories=["acme/*"], archived=True) as it:
        assert (await found(it)).names == ("acme/old", "acme/shop")


async def test_one_that_is_named_is_looked_at_whatever_it_is() -> None:
    models = hub("acme/shop", "acme/old", "globex/pay")
    models[1].archived = True
    async with opened(served(*models), repositories=["acme/*", "ACME/Old", "globex/pay", "globex/gone"]) as it:
        assert (await found(it)).names == ("ACME/Old", "globex/pay", "globex/gone", "acme/shop")


async def test_one_that_is_named_by_its_former_name_is_not_read_twice() -> None:
    models = hub("acme/shop", "acme/pay")
    models[1].rename("acme/billing")
    async with opened(served(*models), repositories=["acme/*", "acme/pay"]) as it:
        assert (await found(it)).names == ("acme/pay", "acme/shop")


@pytest.mark.parametrize("fault", [DENIED, answer(500, "{}"), answer(200, "<html>"), answer(404, "{}")])
async def test_an_owner_that_cannot_be_listed_hides_no_other(fault: Fault) -> None:
    models = hub("acme/shop", "globex/pay")
    models[0].faults.add(fault, path="^/(orgs|users)/globex/repos$", times=9)
    async with opened(served(*models), repositories=["globex/*", "acme/*"]) as it:
        discovery = await found(it)

    assert discovery.names == ("acme/shop",)
    assert "globex/pay" not in discovery.aside, "it may still be there"
    assert discovery.trouble is not None
    assert discovery.trouble.containers == ("globex/*",)
    assert "the repositories of globex are not known" in str(discovery.trouble)


@pytest.mark.parametrize(
    ("fault", "kind"), [(DENIED, NotFoundError), (answer(500, "{}"), UnavailableError)], ids=["403", "500"]
)
async def test_where_no_owner_can_be_listed_nothing_is_known(fault: Fault, kind: type[Exception]) -> None:
    models = hub("acme/shop")
    models[0].faults.add(fault, path="^/orgs/acme/repos$", times=9)
    async with opened(served(*models), repositories=["acme/*"]) as it:
        with pytest.raises(kind, match="the repositories of acme are not known"):
            await found(it)


async def test_a_list_that_breaks_off_in_the_middle_is_no_list() -> None:
    models = hub(*(f"acme/r{n:03}" for n in range(150)))
    models[0].faults.add(answer(500, "{}"), path="^/orgs/acme/repos$", skip=1, times=9)
    async with opened(served(*models), repositories=["acme/*"]) as it:
        with pytest.raises(UnavailableError):
            await found(it)


async def test_a_pattern_that_finds_nothing_is_a_mistake() -> None:
    models = hub("acme/shop")
    models[0].archived = True
    async with opened(served(*models), repositories=["acme/*"]) as it:
        with pytest.raises(NotFoundError, match=r"acme/\* finds no repository. 1 are left out"):
            await found(it)


# What is looked at.


async def test_what_is_found_is_read_without_being_asked_for_first() -> None:
    models = hub("acme/shop", "acme/pay")
    for model in models:
        model.create(f"In {model.repository}")
    async with opened(served(*models), repositories=["acme/*"]) as it:
        pages = await it.pages()

    assert {page.container for page in pages if page.complete} == {"acme/shop", "acme/pay"}
    assert sorted(item.key for page in pages for item in page.items) == ["acme/pay#1", "acme/shop#1"]


async def test_a_webhook_names_one_of_those_that_are_found() -> None:
    models = hub("acme/shop", "acme/pay")
    async with opened(served(*models), repositories=["acme/*"]) as it:
        assert {page.container for page in await it.pages(Lately(only=("acme/pay",)))} == {"acme/pay"}


async def test_an_item_of_a_repository_that_was_renamed_keeps_its_ref() -> None:
    clock = Clock()
    models = (shop(clock), shop(clock, "acme/pay"))
    models[1].create("Pay")
    async with opened(served(*models), clock=clock, repositories=["acme/*"]) as it:
        (before,) = await it.items()
        models[1].rename("acme/billing")
        clock.time += timedelta(minutes=1)
        discovery = await found(it)
        (after,) = await it.items()
        again = await it.item(before.ref)

    assert discovery.names == ("acme/billing", "acme/shop")
    assert (before.key, after.key, again.container) == ("acme/pay#1", "acme/billing#1", "acme/billing")
    assert before.ref == after.ref == again.ref


async def test_which_repository_a_delivery_is_of_is_known_without_asking() -> None:
    models = hub("acme/shop", "acme/pay", "acme/archive-1")
    async with opened(served(*models), repositories=["acme/*", "!acme/archive-*", "globex/pay"]) as it:
        names = it.github._names  # what the listener is given
        assert [names.called(1, name) for name in ("acme/New", "acme/archive-7", "GLOBEX/Pay", "globex/x")] == [
            "acme/New", "", "globex/pay", "",
        ]  # fmt: skip
        await found(it)
        asked_by_then = len(models[0].requests)
        ids = [model.repository_id for model in models]
        assert [names.called(number, "acme/another") for number in ids] == ["acme/shop", "acme/pay", ""]
        assert len(models[0].requests) == asked_by_then


# Archived repositories.


async def test_nothing_is_sent_to_a_repository_that_is_archived() -> None:
    (model,) = hub("acme/shop")
    issue = model.create("One", labels=["stage: idea"])
    model.archived = True
    async with opened(served(model)) as it:
        item = await it.item(ItemRef("github", f"{model.repository_id}/{issue.number}"))
        with pytest.raises(RejectedError, match=r"acme/shop is archived, .*nothing was sent"):
            await it.github.apply(stage_change(item, "stage: build"))

        model.archived = False
        assert "stage: build" in (await it.github.apply(stage_change(item, "stage: build"))).facts["labels"]
        seen = len([path for path in asked(model) if path == "/repos/acme/shop"])
        await it.github.apply(stage_change(await it.item(item.ref), "stage: idea"))
        assert len([path for path in asked(model) if path == "/repos/acme/shop"]) == seen, "known by now"
    assert model.writes == 4


async def test_a_locked_issue_that_may_not_be_changed_is_a_rejection() -> None:
    """Who may write may label and assign a locked issue all the same; so there is no rule about it but GitHub's."""
    (model,) = hub("acme/shop")
    issue = model.create("One", labels=["stage: idea"])
    model.faults.add(answer(403, '{"message": "Unable to edit a locked issue"}'), method="POST", path="/labels$")
    async with opened(served(model)) as it:
        item = await it.item(ItemRef("github", f"{model.repository_id}/{issue.number}"))
        with pytest.raises(RejectedError, match="locked issue"):
            await it.github.apply(stage_change(item, "stage: build"))


def test_a_selection_tells_the_entries_apart() -> None:
    assert Selection.of(["acme/shop", "acme/*", "!acme/x*"]) == Selection(("acme/shop",), ("acme/*",), ("acme/x*",))
