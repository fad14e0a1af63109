"""The commands on the sample shop say what the documentation's screens say, and do what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from product import spawn
from trackersync.sandbox.shop import ACCOUNTS

if TYPE_CHECKING:
    from product import Shop

VERDICT = "36 open tasks    no owner 5    duplicate owner 4    stage drift 5    duplicate task 0    other 4"
PLAN = "13 changes in 12 of 48 tasks    2 conflicts    2 left alone"
RULES = {
    "clashing-stage-labels": 1,
    "deployment-before-development": 1,
    "many-owners": 2,
    "no-owner": 5,
    "owner-inactive": 1,
    "owners-disagree": 2,
    "role-vacant": 1,
    "stages-disagree": 3,
    "stuck-in-stage": 1,
    "unknown-status": 1,
}
FILLED = {29: "margaret-h", 30: "susan-k", 31: "margaret-h", 32: "grace-h", 34: "ada-l", 35: "alan-t", 36: "kath-j",
          38: "kath-j", 39: "radia-p", 17: "ada-l"}  # fmt: skip


def lines_of(screen: str, title: str) -> list[str]:
    """The lines under a title, up to the next empty one."""
    _, _, after = screen.partition(f"\n{title}")
    return after.split("\n\n", 1)[0].splitlines()[1:]


def test_check_names_every_fault_of_the_shop(shop: Shop) -> None:
    done = shop.run("check")

    assert done.code == 1
    assert "observed   github acme/shop 42 items, jira SHOP 44 items; both complete; 38 pairs linked" in done.out
    assert VERDICT in done.out
    assert [line.split()[1] for line in lines_of(done.out, "no owner - 5")] == [
        "SHOP-31", "SHOP-38", "SHOP-47", "shop#28", "shop#26",
    ]  # fmt: skip
    owners = "\n".join(lines_of(done.out, "duplicate owner - 4"))
    assert [rule for rule in owners.split() if rule in RULES] == ["owners-disagree"] * 2 + ["many-owners"] * 2
    drift = "\n".join(lines_of(done.out, "stage drift - 5"))
    assert "SHOP-40 = shop#15   verify (In Review)       build (stage: build)        stages-disagree" in drift
    assert "SHOP-27 = shop#6    ? (Waiting for vendor)   build (stage: build)        unknown-status" in drift
    other = lines_of(done.out, "other - 4")
    assert other[0].startswith(
        "  x SHOP-45 = shop#22   launch; sub-task SHOP-35 is still in build   deployment-before-"
    )
    assert [line.split()[-1] for line in other[1:]] == ["stuck-in-stage", "owner-inactive", "role-vacant"]
    assert "! SHOP-24 = shop#5    owner tim-b is deactivated in jira" in done.out
    assert "! stage launch        nobody holds its role, marketing" in done.out
    assert "18 findings: 6 errors, 10 warnings, 2 notes; 19 of 36 open tasks are clean" in done.out
    assert "by person   ada-l 5, grace-h 5, nobody 5, alan-t 3, kath-j 2, susan-k 1, tim-b 1" in done.out
    for command in ("trackersync plan", "trackersync explain SHOP-31", "trackersync rules no-owner"):
        assert command in done.out
        assert shop.run(*command.split()[1:]).code == 0, "what is named can be pasted"
    assert shop.writes == 0


def test_check_for_machines_has_the_same_findings(shop: Shop) -> None:
    record = shop.json("check", code=1)

    assert (record["counts"], record["tasks"], record["items"]) == (RULES, 48, {"github": 42, "jira": 44})
    for finding in record["findings"]:
        assert {"rule", "severity", "task", "items", "message", "fix"} <= finding.keys()
        assert finding["severity"] in {"error", "warning", "note"}
        assert finding["message"]
        assert finding["fix"]
        for item in finding["items"]:
            assert {"tracker", "key", "url", "stage", "owners"} <= item.keys()
            assert item["url"].startswith(("http://127.0.0.1:", "https://"))
    unowned = {item["key"] for f in record["findings"] if f["rule"] == "no-owner" for item in f["items"]}
    assert unowned == {"SHOP-31", "acme/shop#9", "SHOP-38", "acme/shop#14", "SHOP-47", "acme/shop#28", "acme/shop#26"}


def test_plan_says_what_would_be_written_and_writes_nothing(shop: Shop) -> None:
    before = shop.state()
    done = shop.run("plan")

    assert done.code == 0
    assert PLAN in done.out
    assert "nothing written" in done.out
    stages = lines_of(done.out, "stage - 3")
    assert stages[0].split()[:5] == ["shop#15", "=", "SHOP-40", "build", "->"]
    assert stages[1].split()[:5] == ["shop#17", "=", "SHOP-42", "idea", "->"]
    assert "In Progress -> In Review -> Done" in stages[2], "the whole path stands in the plan"
    owners = "\n".join(lines_of(done.out, "owners - 10"))
    for number, name in FILLED.items():
        assert f"shop#{number} = " in owners
        assert f"+ {name}" in owners
    assert [line.split()[0] for line in lines_of(done.out, "conflicts - 2")] == ["shop#8", "shop#21"]
    alone = "\n".join(lines_of(done.out, "left alone - 2"))
    assert all(key in alone for key in ("SHOP-27", "SHOP-36", "Waiting for vendor"))
    assert "12 of 48 tasks (25 %) would change; 20 % allows 9" in done.said
    assert (shop.state(), shop.writes) == (before, 0)


def test_plan_for_machines_has_the_same_changes(shop: Shop) -> None:
    record = shop.json("plan")

    assert len(record["changes"]) == record["adoptions"] == 13
    for change in record["changes"]:
        assert {"tracker", "key", "fact", "before", "after", "because"} <= change.keys()
        assert change["tracker"] == ("jira" if change["key"] == "SHOP-33" else "github")
    stages = {c["key"]: (c["before"], c["after"]) for c in record["changes"] if c["field"] == "stage"}
    assert stages == {
        "acme/shop#15": (["stage: build"], ["stage: verify"]),
        "acme/shop#17": (["stage: idea"], ["stage: build"]),
        "SHOP-33": (["In Progress"], ["Done"]),
    }
    owners = {c["key"]: (c["before"], c["after"]) for c in record["changes"] if c["field"] == "owners"}
    assert owners == {f"acme/shop#{number}": ([], [name]) for number, name in FILLED.items()}
    assert [{side["key"] for side in conflict["sides"]} for conflict in record["conflicts"]] == [
        {"SHOP-29", "acme/shop#8"},
        {"SHOP-44", "acme/shop#21"},
    ]
    assert {left["key"] for left in record["left_alone"]} == {"SHOP-27", "acme/shop#13"}


def test_the_same_world_makes_the_same_digest(shop: Shop) -> None:
    digests = {shop.json("plan")["digest"], shop.json("plan", "--full")["digest"]}
    digests.add(shop.json("plan", "--store", "sqlite:///other.db")["digest"])

    assert len(digests) == 1
    assert f"Plan {digests.pop()} " in shop.run("plan").out


def test_a_dry_run_is_exactly_the_plan(shop: Shop) -> None:
    shop.run("check")
    assert shop.run("sync", "--dry-run").out.splitlines()[1:] == shop.run("plan").out.splitlines()[1:]
    dry, planned = shop.json("sync", "--dry-run"), shop.json("plan")
    assert dry["changes"] == planned["changes"]
    assert dry.keys() == planned.keys()
    assert shop.writes == 0


def test_approved_it_is_written_and_the_next_runs_find_nothing_to_do(shop: Shop) -> None:
    before, digest = shop.state(), shop.json("plan")["digest"]
    done = shop.run("sync", "--approve", digest)

    assert done.code == 0
    assert "13 of 13 applied" in done.out
    assert "no owner 5    duplicate owner 4    stage drift 2    duplicate task 0    other 4" in done.out
    github = shop.sandbox.github
    for number, name in FILLED.items():
        assert github.issue(number).assignees == (name,)
    assert set(github.issue(15).labels) == {"bug", "stage: verify"}
    assert set(github.issue(17).labels) == {"bug", "checkout", "stage: build"}
    jira = {key for key, issue in shop.state()[1].items() if issue != before[1][key]}
    assert jira == {shop.sandbox.jira.issue("SHOP-33").id}, "nothing else was planned for jira"
    assert shop.sandbox.jira.issue("SHOP-33").status == "Done"
    touched = {number for number, issue in shop.state()[0].items() if issue != before[0][number]}
    assert touched == {*FILLED, 15}

    for _ in range(3):
        after = shop.state()
        shop.clear()
        again = shop.run("sync")
        assert again.code == 0
        assert "nothing to do; 0 writes" in again.said
        assert shop.writes == 0
        assert shop.reads <= 4
        assert shop.state() == after


def test_the_receipt_stands_on_each_change_and_the_requests_by_tracker_and_kind(shop: Shop) -> None:
    record = shop.approved()

    assert [change["receipt"] for change in record["changes"]] == ["applied"] * 13
    assert record["requests"]["jira"]["write"] == shop.sandbox.jira.writes == 2
    assert record["requests"]["github"]["write"] == shop.sandbox.github.writes > 0
    assert record["requests"]["github"]["read"] <= shop.sandbox.github.reads


def test_what_people_change_crosses_over_and_nothing_else(shop: Shop) -> None:
    shop.approved()
    shop.sandbox.meanwhile()
    shop.clear()
    record = shop.json("sync")

    assert {(c["key"], c["field"], c["because"], c["receipt"]) for c in record["changes"]} == {
        ("acme/shop#17", "stage", "only jira had moved", "applied"),
        ("SHOP-51", "owners", "only github had changed", "applied"),
    }
    assert shop.sandbox.github.issue(17).labels == ("bug", "checkout", "stage: verify")
    assert shop.sandbox.jira.issue("SHOP-51").assignee == ACCOUNTS["ada-l"]
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0


def test_a_task_two_transitions_away_is_walked_there(shop: Shop) -> None:
    planned = next(change for change in shop.json("plan")["changes"] if change["key"] == "SHOP-33")

    assert planned["path"] == ["In Review"]
    assert planned["with"]["resolution"]["after"] == ["Done"]
    shop.approved()
    issue = shop.sandbox.jira.issue("SHOP-33")
    assert (issue.status, issue.resolution) == ("Done", "Done")


def test_quiet_prints_only_what_happened_and_trouble(shop: Shop) -> None:
    shop.approved()
    done = shop.run("sync", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    anew = shop.run("sync", "--quiet", "--store", "sqlite:///other.db")
    assert "2 conflicts wait for a person" in anew.said, "which this store has not heard of yet"


def test_fail_on_decides_which_findings_fail(shop: Shop) -> None:
    def codes(*severities: str) -> dict[str, int]:
        return {severity: shop.run("check", "--fail-on", severity).code for severity in severities}

    assert codes("error", "warning", "note", "never") == {"error": 1, "warning": 1, "note": 1, "never": 0}
    for number in (9, 14):
        shop.sandbox.github.edit(number, assignees=["ada-l"])
    for key, name in (("SHOP-47", "kath-j"), ("SHOP-29", "grace-h"), ("SHOP-44", "ada-l")):
        shop.sandbox.jira.edit(key, assignee=name)
    shop.sandbox.jira.edit("SHOP-45", status="In Progress")
    assert codes("error", "warning") == {"error": 0, "warning": 1}, "no error is left"


def test_all_shows_every_line(shop: Shop) -> None:
    for number in range(60, 80):
        shop.sandbox.github.create(f"Idea {number}")
    short, long = shop.run("check").out, shop.run("check", "--all").out
    assert "15 more: --all, or --format json" in short
    assert "more: --all" not in long
    assert len(lines_of(long, "no owner - 25")) == 25


def test_verbose_names_each_request_on_standard_error(shop: Shop) -> None:
    shop.clear()
    done = shop.run("check", "--verbose", "--format", "json")
    assert done.record["tasks"] == 48
    assert done.err.count(" 200 ") == shop.reads
    assert "GET /repos/acme/shop/issues" in done.err


def test_the_demo_walks_the_whole_road_and_leaves_nothing_running(shop: Shop) -> None:
    done = spawn(shop.folder, "demo")

    assert done.code == 0
    assert VERDICT in done.out
    assert PLAN in done.out
    assert "13 of 13 applied" in done.out
    assert done.out.count("Nothing to do.") == 2
    assert done.out.count("0 writes,") == 2
    assert {path.name for path in shop.folder.iterdir()} == {"trackersync.yaml", ".demo"}
