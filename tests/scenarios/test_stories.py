"""Plays every ``*.story`` beside this file; its title is the test's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from .happenings import PHRASES
from .sentences import TROUBLES, Play
from .story import BrokenError, Story, UnreadableError, play, read

STORIES = sorted(Path(__file__).parent.glob("**/*.story"))


def title(path: Path) -> str:
    """A story's first line; whether it is one is for ``read`` to say."""
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") or path.name


def story_of(path: Path) -> Story:
    return read(path.read_text(encoding="utf-8"), path.name, PHRASES)


async def tell(story: Story) -> None:
    stage = Play()
    try:
        await play(story, stage, TROUBLES)
    finally:
        stage.shop.store.close()


@pytest.mark.parametrize("path", [pytest.param(path, id=title(path)) for path in STORIES])
async def test_story(path: Path) -> None:
    broken = ""
    try:
        await tell(story_of(path))
    except (BrokenError, UnreadableError) as error:
        broken = str(error)
    if broken:
        # Out of the `except`, or the reader is told everything twice.
        pytest.fail(broken, pytrace=False)


def test_there_are_stories_and_each_has_a_title_of_its_own() -> None:
    titles = [title(path) for path in STORIES]
    assert titles
    assert len(titles) == len(set(titles))


GIVEN = "given SHOP-1 = shop#1   jira: In Progress, ada-l   github: no label, ada-l"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        pytest.param((GIVEN, "synch", "then the plan is empty"), "a.story:3: no sentence I know\n  synch", id="typo"),
        pytest.param((GIVEN, "then SHOP-1 is fine"), "a.story:3: no sentence I know", id="unknown expectation"),
        pytest.param((GIVEN, "then X-1 has Done"), "a.story:3: no sentence I know", id="no key of ours"),
        pytest.param((GIVEN, "eve moves SHOP-1 to Done", "then the plan is empty"), "no sentence I know", id="nobody"),
        pytest.param((GIVEN, "with adopt: furthest", "then the plan is empty"), "a.story:3: `with`", id="late with"),
        pytest.param((GIVEN, "sync"), "a.story: it expects nothing", id="no expectation"),
        pytest.param((), "a.story: it expects nothing", id="only a title"),
    ],
)
def test_what_is_no_story_is_refused_before_it_is_played(lines: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read("\n".join(("# A title", *lines)), "a.story", PHRASES)
    assert sentence in str(refused.value)


def test_a_story_without_a_title_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"a\.story:1: a story begins with its title"):
        read("", "a.story", PHRASES)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        pytest.param(("ada-l moves SHOP-1 to Dome",), "jira knows no 'Dome'; it knows Backlog, To Do", id="status"),
        pytest.param(("ada-l moves shop#1 to closed as planned",), "github knows no 'closed as planned'", id="reason"),
        pytest.param(("ada-l moves SHOP-7 to Done",), "jira shows no SHOP-7", id="item"),
        pytest.param(("ada-l moves SHOP-1 to In Progress",), "SHOP-1 is so already", id="move to where it is"),
        pytest.param(("ada-l moves SHOP-1 to Done in github",), "SHOP-1 lives in jira", id="tracker"),
        pytest.param(("given SHOP-3 jira: Done",), "this one is SHOP-2, not SHOP-3", id="number"),
        pytest.param(("ada-l assigns SHOP-1 to Done",), "assigned to people or to nobody", id="assigned to a status"),
        pytest.param(('ada-l takes "bug" off shop#1',), 'shop#1 has no label "bug"', id="label that is not there"),
        pytest.param(("then the run is not held",), "there was no run yet", id="no run"),
    ],
)
async def test_a_line_that_speaks_of_nothing_names_itself(lines: tuple[str, ...], sentence: str) -> None:
    story = read("\n".join(("# A title", GIVEN, *lines, "then the plan is empty")), "a.story", PHRASES)
    with pytest.raises(UnreadableError) as refused:
        await tell(story)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("a.story:3: ")
    assert lines[0] in str(refused.value)


@pytest.mark.parametrize(
    ("line", "expected", "found"),
    [
        pytest.param("then SHOP-1 has Done", "SHOP-1 has Done", "SHOP-1 has In Progress", id="status"),
        pytest.param("then SHOP-1 has nobody", "SHOP-1 has nobody", "SHOP-1 has ada-l", id="owner"),
        pytest.param("then shop#1 has no label", "shop#1 has no label", 'shop#1 has "stage: build"', id="label"),
        pytest.param("then nothing was written", "written: nothing", "written: shop#1", id="written"),
        pytest.param("then the run is held by first run", "held by: first run", "held by: nothing", id="held"),
        pytest.param("then shop#1 is in doubt", "in doubt: shop#1", "in doubt: nothing", id="doubt"),
        pytest.param(
            "then the stage of SHOP-1 is in conflict",
            "a conflict about the stage of SHOP-1",
            "change shop#1",
            id="conflict",
        ),
        pytest.param("then SHOP-1 is a task of its own", "SHOP-1 is a task", "tasks: SHOP-1 = shop#1", id="task"),
        pytest.param("then a finding no-owner names SHOP-1", "no-owner: SHOP-1", "", id="finding"),
        pytest.param("then 2 tasks rest", "resting tasks: 2", "resting tasks: 0", id="rest"),
    ],
)
async def test_a_broken_story_says_where_what_was_expected_and_what_is(line: str, expected: str, found: str) -> None:
    story = read(f"# A title\n{GIVEN}\nsync\n{line}", "a.story", PHRASES)
    with pytest.raises(BrokenError) as broken:
        await tell(story)
    place, words, *rest = str(broken.value).splitlines()
    assert (place, words.strip()) == ("a.story:4", line)
    assert f"expected: {expected}" in rest[0]
    assert found in "\n".join(rest[1:])


async def test_a_plan_that_is_not_empty_says_what_it_holds() -> None:
    story = read(f"# A title\n{GIVEN}\nthen the plan is empty", "a.story", PHRASES)
    with pytest.raises(
        BrokenError, match=r"but is:   change shop#1: \{'labels': \(\), .*\} → \{'labels': \('stage: build',\)\}"
    ):
        await tell(story)
