"""The contract is worth something: a connector that breaks one promise fails the test of that promise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from contract_broken import (
    BelievesTheTracker,
    Chatty,
    CursorRunsAhead,
    EndsQuietly,
    ForgetsTheDeleted,
    GhostIsAnError,
    GhostsHaveAPast,
    HidesEmptyFacts,
    HidesHops,
    IgnoresCursors,
    Jumps,
    KeepsTheOwner,
    LeavesUsOut,
    MakesGhosts,
    MixesThemUp,
    Nameless,
    NamesNobody,
    NamesTheAssignee,
    NeverInDoubt,
    Overwrites,
    PagesByNumber,
    ReadsAsStranger,
    ReturnsTheLookBefore,
    SaysCompleteTooSoon,
    SendsAgain,
    SetsTheWholeSet,
    ShowsTheFirstStatusOnly,
    SilentHalf,
    Sound,
    StopsAtTheFirstHop,
    SwallowsTrouble,
    TakesSomebodyElse,
    TellsBackwards,
    TellsNoAccounts,
    TouchesTheStage,
    Unsteady,
    WritesAnyway,
    WritesWhileLooking,
)
from contract_drivers import GITHUB_STAGES, jira_stages
from contract_memory_driver import MemoryDriver, in_a_line

from trackersync.testing import GITHUB_LIKE, ConnectorContract, jira_like
from trackersync.testing.contract_routing import RoutingContract

pytest_plugins = ("pytester",)

Buggy = type[Sound]
BROKEN: tuple[tuple[str, Buggy, str], ...] = (
    ("the_probe_names_the_account", Nameless, "not ''"),
    ("an_item_is_whole", HidesEmptyFacts, "can be written, but the item does not show it"),
    ("owners_are_seen_as_accounts", TellsNoAccounts, "not among the accounts"),
    ("two_observes_agree", Unsteady, "a second read shows other items"),
    ("a_whole_read_shows_every_item", SaysCompleteTooSoon, "page 0 of acme/shop says complete=True"),
    ("a_ghost_is_missing_and_no_error", GhostIsAnError, "that raised NotFoundError"),
    ("a_deleted_item_is_missing", ForgetsTheDeleted, "should be missing, not {}"),
    ("a_broken_listing_is_never_complete", EndsQuietly, "it raised None"),
    ("a_broken_listing_goes_on_where_it_stopped", IgnoresCursors, "read everything anew"),
    ("a_broken_listing_goes_on_where_it_stopped", CursorRunsAhead, "lost 12 of 20 items"),
    ("a_killed_listing_goes_on_where_it_stopped", CursorRunsAhead, "lost 12 of 20 items"),
    ("an_edit_while_reading_hides_nothing", PagesByNumber, "lost 2 of 19 items"),
    ("an_incremental_read_sees_an_edit_and_is_short", IgnoresCursors, "takes 7 pages, a whole one 7"),
    ("looking_writes_nothing", WritesWhileLooking, "looking has sent 1 requests"),
    ("a_refused_credential_stops_everything", ReadsAsStranger, "is refused, and it raised None"),
    (
        "apply_returns_what_the_next_look_shows[stage]",
        ReturnsTheLookBefore,
        "apply returned .* and the next look shows",
    ),
    ("the_last_owner_can_be_taken_off", KeepsTheOwner, "nobody was to own it"),
    ("applying_twice_equals_once[owners]", WritesAnyway, "applying again sent 4 requests"),
    ("a_persons_move_is_stale_and_stays[stage]", Overwrites, "a person moved it, and apply ended with None"),
    ("a_persons_move_is_stale_and_stays[owners]", Overwrites, "a person moved it, and apply ended with None"),
    ("what_is_not_ours_stays_as_it_was[stage]", SetsTheWholeSet, "'customer'} is not ours and was taken off"),
    ("what_is_not_ours_stays_as_it_was[owners]", TouchesTheStage, "changed along with .'owners'"),
    ("half_a_write_is_noticed[fail_next]", SilentHalf, "half of it is done, and apply ended with None"),
    ("a_write_that_never_arrived_is_unavailable[stage]", SwallowsTrouble, "the connection broke, .* ended with None"),
    ("a_lost_answer_is_in_doubt_and_not_repeated[owners]", SendsAgain, "3 requests that write were sent, of 1 needed"),
    ("a_lost_answer_is_in_doubt_and_not_repeated[stage]", NeverInDoubt, "the error does not say so"),
    ("a_write_that_is_ignored_is_noticed[stage]", BelievesTheTracker, "the tracker did nothing, .* ended with None"),
    ("a_write_that_is_forbidden_is_rejected[owners]", BelievesTheTracker, "the tracker forbids it, .* ended with None"),
    ("a_stranger_is_not_made_owner", TakesSomebodyElse, "nothing was to be changed"),
    ("a_ghost_is_not_found[stage]", MakesGhosts, "apply ended with StaleError"),
    ("a_workflow_shows_the_way", ShowsTheFirstStatusOnly, "it stands in In Review, and is shown what leaves"),
    ("a_workflow_shows_the_way", HidesHops, "it shows no way"),
    ("a_path_is_walked_to_its_end", StopsAtTheFirstHop, "was wanted, and it shows"),
    ("a_path_broken_off_is_noticed", SilentHalf, "it stands on hop 1, and apply ended with None"),
    ("a_path_broken_off_is_noticed", NeverInDoubt, "it stands on hop 1, and apply ended with UnavailableError"),
    ("a_path_that_cannot_be_walked_is_rejected", Jumps, "there is no such path, and apply ended with None"),
    ("a_history_names_who_did_what_and_when", NamesNobody, "ada-l did it, and the history tells"),
    ("a_history_tells_who_handed_over", NamesTheAssignee, "ada-l did it, and the history tells"),
    ("a_history_stays_as_it_was_and_grows", TellsBackwards, "what was told first is not told any more"),
    ("a_history_leads_to_what_is_seen", LeavesUsOut, "it shows .*, and the history tells"),
    ("a_ghost_has_no_history", GhostsHaveAPast, "its history ended with None"),
    ("histories_told_together_are_those_told_alone", MixesThemUp, "is told, and together"),
    ("histories_told_together_are_those_told_alone", GhostsHaveAPast, "is not there, and its history is told"),
    ("no_error_tells_the_credential", Chatty, r"the credential stands in what we say: .*: \(credential\)"),
)

ON_THE_WAY = frozenset(name for name in dir(RoutingContract) if name.startswith("test_"))


async def put_to_test(promise: str, connector: Buggy) -> None:
    name, _, word = promise.rstrip("]").partition("[")
    if f"test_{name}" in ON_THE_WAY:
        driver = in_a_line(connector)
    else:
        driver = MemoryDriver(GITHUB_LIKE, GITHUB_STAGES, {"labels": ("bug", "customer")}, connector)
    test = cast("Callable[..., Awaitable[None]]", getattr(ConnectorContract(), f"test_{name}"))
    await (test(driver, word) if word else test(driver))


@pytest.mark.parametrize(
    ("promise", "buggy", "because"), BROKEN, ids=[f"{buggy.__name__}: {promise}" for promise, buggy, _ in BROKEN]
)
async def test_a_broken_promise_fails_its_test(promise: str, buggy: Buggy, because: str) -> None:
    await put_to_test(promise, Sound)
    with pytest.raises(AssertionError, match=f"(?s){because}"):
        await put_to_test(promise, buggy)


def test_every_promise_is_broken_by_somebody() -> None:
    promises = {name.removeprefix("test_") for name in dir(ConnectorContract) if name.startswith("test_")}
    assert promises == {promise.partition("[")[0] for promise, _, _ in BROKEN}


async def test_a_workflow_without_the_way_fails_too() -> None:
    def drawn(routes: dict[str, tuple[str, ...]]) -> MemoryDriver:
        shape = jira_like(("Backlog", "To Do", "In Progress", "Done"), "Done", routes)
        return MemoryDriver(shape, jira_stages("Done"), {})

    await ConnectorContract().test_a_workflow_shows_the_way(drawn({"To Do": ("In Progress",)}))
    with pytest.raises(AssertionError, match="from To Do one gets to In Progress by way of"):
        await ConnectorContract().test_a_workflow_shows_the_way(drawn({"To Do": ("Done",)}))


def test_without_a_driver_it_says_what_to_add(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "from trackersync.testing import ConnectorContract\n\n\nclass TestMine(ConnectorContract):\n    pass\n"
    )
    outcome = pytester.runpytest_subprocess("-p", "no:randomly", "-o", "asyncio_mode=strict", "-k", "ghost_is_missing")
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*TestMine inherits ConnectorContract and has no fixture `driver`: add one*"])
