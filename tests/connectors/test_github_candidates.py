"""Who could own an issue that nobody owns: CODEOWNERS, areas by label, who committed last; and what asking costs."""

from __future__ import annotations

from typing import Any

import pytest
from github_doubles import Open, opened, served, shop

from trackersync.connector import RejectedError
from trackersync.sandbox import GitHub
from trackersync_github.codeowners import Owners

CODEOWNERS = """\
# Who owns what.
*            @susan-k
/checkout/   @grace-h @alan-t   # inline, as GitHub allows: @nobody
/checkout/legacy
*.md         docs@acme.example
/build/      @acme/ops
!/secret     @ada-l
/d[ab]ta     @ada-l
"""


@pytest.fixture
def model() -> GitHub:
    model = shop()
    model.allow(["susan-k", "kath-j"])
    model.add_label("area: checkout")
    model.code.files[".github/CODEOWNERS"] = CODEOWNERS
    return model


async def could_own(it: Open, number: int) -> list[tuple[str, str]]:
    item = next(item for item in await it.items() if item.key.endswith(f"#{number}"))
    found = await it.github.candidates([item])
    return [(one.account, one.because) for one in found.get(item.ref, ())]


async def asking(model: GitHub, number: int, **settings: Any) -> list[tuple[str, str]]:  # noqa: ANN401  # settings
    async with opened(served(model), **settings) as it:
        return await could_own(it, number)


# The file.


@pytest.mark.parametrize(
    ("files", "owners"),
    [
        (["README"], ("@susan-k",)),
        (["checkout/cart.py"], ("@grace-h", "@alan-t")),
        (["checkout/legacy/cart.py"], ()),
        (["checkout/README.md"], ()),
        (["build/pack.sh"], ("@acme/ops",)),
        (["secret"], ("@susan-k",)),
        (["dbta"], ("@susan-k",)),
        (["checkout/a", "checkout/b", "README"], ("@grace-h", "@alan-t", "@susan-k")),
        ([], ()),
    ],
)
def test_the_last_pattern_that_matches_names_the_owners(files: list[str], owners: tuple[str, ...]) -> None:
    assert Owners(CODEOWNERS).of(files) == owners


def test_the_default_is_the_line_for_everything() -> None:
    assert Owners(CODEOWNERS).default() == ("@susan-k",)
    assert Owners("/checkout/ @grace-h\n").default() == ()
    assert Owners("").default() == ()


# Candidates.


async def test_by_default_nobody_is_known_and_nothing_is_asked(model: GitHub) -> None:
    number = model.create("Dark mode").number
    async with opened(served(model)) as it:
        items = await it.items()
        sent = len(model.requests)
        assert await it.github.candidates(items) == {}
        assert len(model.requests) == sent
    assert number


async def test_owners_of_the_files_then_the_area_then_the_last_committer(model: GitHub) -> None:
    number = model.create("Refund", labels=["Area: Checkout"]).number
    pull = model.code.open_pull("Fix", closes=[number], files=["checkout/cart.py"], by="grace-h")
    model.code.push(pull.number, by="kath-j")
    found = await asking(
        model, number, codeowners=True, evidence=["pulls"], areas={"area: checkout": ["ada-l"]}
    )  # fmt: skip
    assert found == [("grace-h", "CODEOWNERS"), ("alan-t", "CODEOWNERS"), ("ada-l", "owns the area checkout")]
    found = await asking(model, number, evidence=["pulls"], areas={"area: checkout": "ada-l"})
    assert found == [("ada-l", "owns the area checkout"), ("kath-j", f"last committed to #{pull.number}")]


async def test_without_a_pull_request_the_line_for_everything_counts(model: GitHub) -> None:
    number = model.create("Dark mode").number
    assert await asking(model, number, codeowners=True) == [("susan-k", "CODEOWNERS")]


async def test_an_open_pull_request_counts_before_a_merged_one(model: GitHub) -> None:
    number = model.create("Refund").number
    model.code.closes = False
    still = model.code.open_pull("Again", closes=[number], by="kath-j")
    done = model.code.open_pull("First", closes=[number], by="alan-t")
    model.code.merge(done.number)
    assert await asking(model, number, evidence=["pulls"]) == [("kath-j", f"last committed to #{still.number}")]


async def test_only_people_who_can_be_assigned(model: GitHub) -> None:
    number = model.create("Refund", labels=["bug"]).number
    model.allow(["renovate[bot]", "Copilot"])
    found = await asking(model, number, areas={"bug": ["stranger", "renovate[bot]", "Copilot", "alan-t", "Alan-T"]})
    assert found == [("alan-t", "owns the area bug")]


async def test_a_team_is_its_members_where_they_may_be_seen(model: GitHub) -> None:
    number = model.create("Pack").number
    model.code.open_pull("Fix", closes=[number], files=["build/pack.sh"], by="stranger")
    settings: dict[str, Any] = {"codeowners": True, "evidence": ["pulls"]}
    assert await asking(model, number, **settings) == [("susan-k", "CODEOWNERS")]
    model.code.teams["acme/ops"] = ("kath-j", "stranger")
    assert await asking(model, number, **settings) == [("kath-j", "CODEOWNERS"), ("susan-k", "CODEOWNERS")]


async def test_a_team_is_asked_for_once(model: GitHub) -> None:
    model.code.teams["acme/ops"] = ("kath-j",)
    for number in [model.create(f"Issue {n}").number for n in range(3)]:
        model.code.open_pull("Fix", closes=[number], files=["build/pack.sh"])
    async with opened(served(model), codeowners=True, evidence=["pulls"]) as it:
        assert len(await it.github.candidates(await it.items())) == 3
    assert sum("/teams/" in request.path for request in model.requests) == 1


@pytest.mark.parametrize("place", ["CODEOWNERS", "docs/CODEOWNERS"])
async def test_the_file_is_found_in_each_of_its_places(model: GitHub, place: str) -> None:
    number = model.create("Dark mode").number
    model.code.files = {place: "* @kath-j\n", "docs/CODEOWNERS": "* @kath-j\n"}
    assert await asking(model, number, codeowners=True) == [("kath-j", "CODEOWNERS")]
    model.code.files = {}
    assert await asking(model, number, codeowners=True) == []


async def test_many_issues_cost_one_question_and_one_file(model: GitHub) -> None:
    numbers = [model.create(f"Issue {n}").number for n in range(20)]
    for number in numbers:
        model.code.open_pull("Fix", closes=[number], files=["checkout/cart.py"], by="ada-l")
    async with opened(served(model), codeowners=True, evidence=["pulls"]) as it:
        items = await it.items()
        sent = len(model.requests)
        found = await it.github.candidates(items)
        # One question, one file, and three people who are asked about once.
        assert len(model.requests) - sent == 5
        assert {ref: [one.account for one in some] for ref, some in found.items()} == {
            item.ref: ["grace-h", "alan-t", "ada-l"] for item in items
        }
        sent = len(model.requests)
        await it.github.candidates(items)
        assert len(model.requests) - sent == 1


async def test_a_file_that_may_not_be_read_is_told(model: GitHub) -> None:
    number = model.create("Dark mode").number
    model.code.readable = False
    async with opened(served(model), codeowners=True) as it:
        with pytest.raises(RejectedError, match="codeowners: false"):
            await could_own(it, number)
