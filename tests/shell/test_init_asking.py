"""``trackersync init`` on a terminal: what it asks, how answers are understood, and how one leaves."""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from product import MAIN, TOKENS, Shop, environment
from trackersync.cli.aiming import Aiming
from trackersync.cli.amending import HELP, Left, joined, looked_over
from trackersync.cli.asking import Asker
from trackersync.cli.drafting import Draft, Ground
from trackersync.cli.founded import offer
from trackersync.cli.wanted import Wanted
from trackersync.config import load
from trackersync.connector import Container, Probe
from trackersync.core.model import Item, ItemRef
from trackersync.core.propose import Line, Proposal
from trackersync.errors import AuthError, NotFoundError, TrackersyncError, UnavailableError
from trackersync.pipeline.surveying import Looked, Surveyed
from trackersync.registry import discover, rules
from trackersync.report.text.screen import Screen
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

CLOUD = "https://acme.atlassian.net"
ANY = Wanted()
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
OFFERED = (Container("acme/shop", items=33), Container("acme/pay", title="Payments"))


class Person:
    """Somebody who answers one question after the other, and what they saw."""

    def __init__(self, *answers: str) -> None:
        """Prepare the answers."""
        self.answers = list(answers)
        self.asked: list[str] = []
        self.hidden: list[str] = []
        self.screen, self.stream = Screen.into(100)
        self.asker = Asker(self.screen, self._read)

    def _read(self, prompt: str, hidden: bool) -> str:
        self.asked.append(prompt)
        if not self.answers:
            raise EOFError
        answer = self.answers.pop(0)
        if hidden:
            self.hidden.append(answer)
        return answer

    @property
    def saw(self) -> str:
        """All that was shown, on one line."""
        return " ".join(self.stream.getvalue().split())


def aim(person: Person, wanted: Wanted = ANY, environ: Mapping[str, str] | None = None) -> Aiming:
    """Where `init` looks after these answers; two repositories are offered, and no project."""
    # Without a PATH there is no `gh`, whoever runs this.
    known = {"PATH": "/nowhere", **(TOKENS if environ is None else environ)}
    aiming = Aiming(wanted, known, person.asker, lambda name, *_: OFFERED if name == "github" else ())
    aiming.aim()
    assert person.answers == [], "not all was asked"
    return aiming


def test_both_trackers_by_numbers_and_pasted_addresses() -> None:
    person = Person("both", "1, 2", f"{CLOUD}/jira/software/projects/SHOP/boards/1", "bot@acme.example")
    found = aim(person).parts
    assert found["github"]["repositories"] == ["acme/shop", "acme/pay"]
    assert (found["jira"]["url"], found["jira"]["projects"]) == (CLOUD, ["SHOP"])
    assert found["jira"]["email"] == "bot@acme.example"
    assert "project SHOP, taken from the address" in person.saw
    assert "1 acme/shop 33 open" in person.saw


@pytest.mark.parametrize(
    ("answers", "named", "shown"),
    [
        pytest.param(["acme/other"], ["acme/other"], "", id="one that is not listed"),
        pytest.param(["https://github.com/acme/x/issues/3"], ["acme/x"], "", id="a page"),
        pytest.param(["9", "2"], ["acme/pay"], "9: a repository is named OWNER/NAME", id="a number too high"),
        pytest.param(["", "1"], ["acme/shop"], "name at least one", id="nothing"),
        pytest.param(["1, 1,ACME/shop"], ["acme/shop"], "", id="twice"),
    ],
)
def test_repositories(answers: list[str], named: list[str], shown: str) -> None:
    person = Person("github", *answers)
    assert aim(person).parts["github"]["repositories"] == named
    assert shown in person.saw


@pytest.mark.parametrize(
    ("answers", "url", "shown"),
    [
        pytest.param(["http://jira.acme.example/browse/SHOP-1", "y"], "https://jira.acme.example", "", id="http"),
        pytest.param(["jira.acme.example/browse/SHOP-1"], "https://jira.acme.example", "", id="no scheme"),
        pytest.param(
            ["http://x.example", "n", "https://y.example/browse/SHOP-1"], "https://y.example", "unencrypted", id="no"
        ),
        pytest.param(
            ["ftp://x", "https://y.example/browse/SHOP-1"], "https://y.example", "this is no URL", id="no address"
        ),
    ],
)
def test_the_address_of_a_jira(answers: list[str], url: str, shown: str) -> None:
    person = Person("Jira", *answers)
    assert aim(person).parts["jira"]["url"] == url
    assert shown in person.saw


def test_a_typed_token_is_hidden_and_of_this_run_only() -> None:
    person = Person("ATATTtyped")
    found = aim(person, Wanted(jira="https://jira.acme.example", projects=("shop",)), {})
    assert person.hidden == ["ATATTtyped"]
    assert found.tokens["jira"].token is not None
    assert found.tokens["jira"].token.get_secret_value() == "ATATTtyped"
    assert "ATATTtyped" not in person.saw
    assert "JIRA_TOKEN is not set" in person.saw
    assert found.parts["jira"]["projects"] == ["SHOP"]


def test_no_token_reads_what_is_public() -> None:
    found = aim(Person(""), Wanted(repositories=("acme/shop",)), {})
    assert found.parts["github"]["anonymous"] is True
    assert "token" not in found.parts["github"]


def test_an_email_address_is_asked_until_it_is_one() -> None:
    person = Person("bot", "bot@acme.example")
    found = aim(person, Wanted(jira=CLOUD, projects=("SHOP",)))
    assert found.parts["jira"]["email"] == "bot@acme.example"
    assert "an e-mail address is needed here" in person.saw


def offering(*answers: Sequence[Container] | TrackersyncError) -> Callable[..., Sequence[Container]]:
    """A tracker that answers so, one time after the other, when it is asked what there is."""
    left = list(answers)

    def offers(*_: object) -> Sequence[Container]:
        answer = left.pop(0)
        if isinstance(answer, TrackersyncError):
            raise answer
        return answer

    return offers


@pytest.mark.parametrize(
    ("answers", "offered", "shown"),
    [
        pytest.param(["", "acme/shop"], [], "", id="whoever reads what is public names it"),
        pytest.param(
            ["t", "acme/shop"], [NotFoundError("no list. Check `token` of tracker github.")], "Check GITHUB_TOKEN.",
            id="a server without a list",
        ),
        pytest.param(["t", "acme/shop"], [UnavailableError("answered 501")], "answered 501", id="nor a word"),
        pytest.param(["wrong", "right", "1"], [AuthError("github: no (401)"), OFFERED], "no (401)", id="a typo"),
        pytest.param(["wrong", "", "acme/shop"], [AuthError("no (401)")], "no (401)", id="a typo, and then none"),
    ],
)  # fmt: skip
def test_what_is_not_offered_can_still_be_named(
    answers: list[str], offered: list[Sequence[Container] | TrackersyncError], shown: str
) -> None:
    person = Person("github", *answers)
    aiming = Aiming(ANY, {"PATH": "/nowhere"}, person.asker, offering(*offered))
    aiming.aim()
    assert aiming.parts["github"]["repositories"] == ["acme/shop"]
    assert shown in person.saw
    token = aiming.tokens["github"].token
    assert (token is None) == (answers[-2] == "")
    assert token is None or token.get_secret_value() == answers[-2]


def test_the_page_of_another_github_is_not_looked_for_here() -> None:
    person = Person("github", "https://git.acme.example/team/shop", "acme/shop")
    assert aim(person).parts["github"]["repositories"] == ["acme/shop"]
    assert "is at another GitHub: start `trackersync init https://git.acme.example/team/shop`" in person.saw


def test_a_wrong_choice_is_told_what_there_is() -> None:
    person = Person("gihub", "1", "1")
    assert list(aim(person).parts) == ["github"]
    assert 'did you mean "GitHub"?' in person.saw


def test_the_end_of_input_is_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        aim(Person("both"))


@pytest.fixture(scope="module")
def draft(connectors_declared: None, tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """A GitHub's draft with a guess, a line that is sure and one that says nothing."""
    found = aim(Person(), Wanted(repositories=("acme/shop",)))
    lines = (
        Line("labels", "wip", "in progress", "its name", sure=True, open=4, all=9),
        Line("labels", "limbo", "review", "between", sure=False, open=1, all=1, others=("ready",)),
        Line("labels", "bug", None, "says nothing", sure=True, open=7, all=8),
        Line("labels", "a=b", None, "says nothing", sure=True),
    )
    aimed = Aiming(Wanted(repositories=("acme/shop",)), TOKENS, None, lambda *_: ()).aim()
    ground = Ground("kanban", aimed, tmp_path_factory.mktemp("draft"), "sqlite://", discover(), rules())
    assert list(found.parts) == ["github"]
    return Draft(ground, {"github": Surveyed(Probe("bot", ()), None)}, looked={"github": Looked((), Proposal(lines))})


@pytest.mark.parametrize(
    ("answers", "changed", "shown"),
    [
        pytest.param([""], {}, "limbo → review, a guess: between; or ready", id="take it"),
        pytest.param(["1 ready", ""], {"limbo": "ready"}, "limbo → ready", id="a number and a stage"),
        pytest.param(["1", "Ready", ""], {"limbo": "ready"}, "", id="a number, then the stage"),
        pytest.param(["2 In Progress", ""], {}, "wip → in progress", id="a stage of two words"),
        pytest.param(["1 none", ""], {"limbo": None}, "limbo → nothing of a stage", id="none"),
        pytest.param(["BUG = backlog", ""], {"bug": "backlog"}, "bug → backlog", id="by name, what is not listed"),
        pytest.param(["bug", "backlog", ""], {"bug": "backlog"}, "", id="a name, then the stage"),
        pytest.param(["a=b", "ready", ""], {"a=b": "ready"}, "", id="a name with a sign in it"),
        pytest.param(["a=b=ready", ""], {"a=b": "ready"}, "", id="and its stage"),
        pytest.param(["1 reddy", ""], {}, 'has no stage "reddy" did you mean "ready"?', id="no stage"),
        pytest.param(["lymbo = ready", ""], {}, 'no line is called "lymbo" did you mean "limbo"?', id="no value"),
        pytest.param(["7 ready", ""], {}, "there is no line 7 the lines are numbered from 1 to 2", id="no number"),
        pytest.param(["1,99 = none", ""], {}, "there is no line 99", id="one of the numbers"),
        pytest.param(["0-2 none", ""], {}, "there is no line 0", id="before the first"),
        pytest.param(["1", "", ""], {}, "", id="changed their mind"),
        pytest.param(["?", ""], {}, "nothing is written", id="help"),
        pytest.param(["s", "1 ready", "s", ""], {"limbo": "ready"}, "chosen by you", id="shown again"),
    ],
)
def test_lines_are_changed(draft: Draft, answers: list[str], changed: dict[str, str | None], shown: str) -> None:
    before = {"wip": "in progress", "limbo": "review", "bug": None, "a=b": None}
    person = Person(*answers)
    after = looked_over(person.asker, draft)
    assert {line.value: line.stage for line in after.looked["github"].proposal.lines} == {**before, **changed}
    assert shown in person.saw
    assert person.answers == []


MANY = (
    *(Line("labels", f"guess {number}", "review", "between", sure=False, open=9 - number) for number in range(1, 7)),
    Line("labels", "3", None, "says nothing", sure=True),
    Line("labels", "1 - New", None, "says nothing", sure=True),
    Line("labels", "\u200b", None, "says nothing", sure=True),
)


@pytest.mark.parametrize(
    ("answers", "changed"),
    [
        pytest.param(["2-6 = none"], {f"guess {number}": None for number in range(2, 7)}, id="a range"),
        pytest.param(["1,2 = ready"], {"guess 1": "ready", "guess 2": "ready"}, id="a list"),
        pytest.param(["6 - 5, 1 ready"], dict.fromkeys(("guess 1", "guess 5", "guess 6"), "ready"), id="both"),
        pytest.param(["1,3", "ready"], {"guess 1": "ready", "guess 3": "ready"}, id="then the stage"),
        pytest.param(["1 none", "2 none", "3 none"], dict.fromkeys(("guess 1", "guess 2", "guess 3")), id="as shown"),
        pytest.param(["1 none", "s", "1 none"], dict.fromkeys(("guess 1", "guess 2")), id="as shown again"),
        pytest.param(["3 = ready"], {"3": "ready"}, id="a label that is a number"),
        pytest.param(["3 ready"], {"guess 3": "ready"}, id="a line of that number"),
        pytest.param(["4 = ready"], {"guess 4": "ready"}, id="no label is that number"),
        pytest.param(["1 - New = ready"], {"1 - New": "ready"}, id="a name that begins like a number"),
        pytest.param(["1 - new", "ready"], {"1 - New": "ready"}, id="and its stage after it"),
        pytest.param([r"\u200b = ready"], {"\u200b": "ready"}, id="what nobody sees, as it is shown"),
        pytest.param(["1, 2 = reddy"], {}, id="no stage"),
    ],
)
def test_many_lines_take_one_answer(draft: Draft, answers: list[str], changed: dict[str, str | None]) -> None:
    many = replace(draft, looked={"github": Looked((), Proposal(MANY))})
    person = Person(*answers, "")
    after = looked_over(person.asker, many)
    expected = {**{line.value: line.stage for line in MANY}, **changed}
    assert {line.value: line.stage for line in after.looked["github"].proposal.lines} == expected
    assert person.answers == []


def test_many_at_once_are_told_in_a_line(draft: Draft) -> None:
    person = Person("1-5 none", "")
    looked_over(person.asker, replace(draft, looked={"github": Looked((), Proposal(MANY))}))
    assert "guess 1, guess 2, guess 3 and 2 more → nothing of a stage" in person.saw


@pytest.mark.parametrize("width", [50, 80, 100])
def test_help_is_cut_nowhere(draft: Draft, width: int) -> None:
    person = Person("?", "")
    person.screen, person.stream = Screen.into(width)
    person.asker.screen = person.screen
    looked_over(person.asker, draft)
    said = person.stream.getvalue()
    assert max(map(len, said.splitlines())) <= width
    for does in (*(does for _, does in HELP), *(stage.outcome for stage in draft.process.stages)):
        assert does in person.saw


@pytest.mark.parametrize(("there", "words"), [(True, "which is there already; replace it?"), (False, "They go to ")])
def test_a_baseline_that_is_there_is_spoken_of(tmp_path: Path, there: bool, words: str) -> None:
    file = tmp_path / "trackersync-baseline.json"
    if there:
        file.write_text("{}", encoding="utf-8")
    question = offer("3 findings", file)
    assert words in question
    assert ("already" in question) == there


@pytest.mark.parametrize(("answer", "aliases"), [("", ["https://x.test"]), ("n", [])])
def test_a_further_address_is_asked_about(
    tmp_path: Path, connectors_declared: None, answer: str, aliases: list[str]
) -> None:
    wanted = Wanted(("acme/shop",), jira="https://jira.acme.example", projects=("X",))
    ground = Ground(
        "kanban", Aiming(wanted, TOKENS, None, lambda *_: ()).aim(), tmp_path, "sqlite://", discover(), rules()
    )
    at = datetime(2026, 3, 5, tzinfo=UTC)
    named = Item(ItemRef("github", "1"), "acme/shop#1", "", "", "acme/shop", at, at, {}, ("https://x.test/browse/X-1",))
    seen = {"github": Looked((named,), Proposal(())), "jira": Looked((), Proposal(()))}
    person = Person(answer)
    after = joined(person.asker, Draft(ground, dict.fromkeys(seen, Surveyed(Probe("bot", ()), None)), looked=seen))
    assert person.asked == ["1 issue elsewhere names https://x.test. Is that this jira? [Y/n] "]
    assert after.configuration.trackers["jira"].aliases == aliases


def test_leaving(draft: Draft) -> None:
    with pytest.raises(Left):
        looked_over(Person("1 ready", "q").asker, draft)


class Terminal:
    """The real program on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, **environ: str) -> None:
        """Start it."""
        import pty  # noqa: PLC0415  # not there on Windows

        self.said = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            known = environment(TERM="xterm", COLUMNS="100", LINES="60", **environ)
            os.execve(sys.executable, [sys.executable, "-c", MAIN, *arguments], known)  # noqa: S606  # ourselves

    def until(self, words: str, seconds: float = 40) -> None:
        """Wait until these words are shown after what was shown before."""
        import select  # noqa: PLC0415  # of terminals only on the systems that have `pty`

        end, begun = time.monotonic() + seconds, len(self.said)
        while words not in ESCAPES.sub("", self.said[begun:]):
            assert time.monotonic() < end, self.said[-2000:]
            if select.select([self.fd], [], [], 0.2)[0]:
                self.said += self._read()

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.fd, text.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        while piece := self._read():
            self.said += piece
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> str:
        try:
            return os.read(self.fd, 65536).decode(errors="replace")
        except OSError:  # the other end is closed
            return ""


@pytest.fixture
def empty(folder: Path) -> Iterator[tuple[Shop, Path]]:
    """The shop, up, and an empty folder."""
    place = folder / "empty"
    place.mkdir()
    with running(Options()) as sandbox:
        yield Shop(sandbox, folder), place


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
def test_the_whole_way_on_a_terminal(empty: tuple[Shop, Path]) -> None:
    """Asked for all of it, a hidden token among it, one line changed, a baseline taken: and the file says so."""
    shop, folder = empty
    gone = {"GITHUB_TOKEN": "", "GH_TOKEN": "", "PATH": "/nowhere", "GITHUB_API_URL": shop.sandbox.github_url}
    terminal = Terminal(folder, "init", **gone)
    terminal.until("Which trackers? [both]")
    terminal.type("1\n")
    terminal.until("Enter alone reads what is public")
    terminal.type(TOKENS["GITHUB_TOKEN"] + "\n")
    terminal.until("commas between them")
    terminal.type("acme/shop\n")
    terminal.until("Which delivery process? [delivery]")
    terminal.type("delivery\n")
    terminal.until("Enter takes it")
    terminal.type("stage: launch = none\n")
    terminal.until("nothing of a stage")
    terminal.type("\n")
    terminal.until("only new ones fail a check?")
    terminal.type("y\n")
    assert terminal.end() == 0, terminal.said
    assert TOKENS["GITHUB_TOKEN"] not in terminal.said
    assert "export GITHUB_TOKEN=…" in terminal.said
    tracker = yaml.safe_load((folder / "trackersync.yaml").read_text(encoding="utf-8"))["trackers"]["github"]
    assert "launch" not in tracker["stages"]
    assert tracker["token"] == "${GITHUB_TOKEN}"
    assert sorted(file.name for file in folder.iterdir()) == [
        "trackersync-baseline.json", "trackersync.db", "trackersync.yaml",
    ]  # fmt: skip
    assert load(folder / "trackersync.yaml", registry=discover(), environ=TOKENS).process.name == "delivery"
    assert shop.writes == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize("keys", ["q\n", "\x03"], ids=["q", "Ctrl-C"])
def test_whoever_leaves_leaves_nothing_behind(empty: tuple[Shop, Path], keys: str) -> None:
    shop, folder = empty
    asked = ("acme/shop", "--github-url", shop.sandbox.github_url, "--delivery", "kanban")
    terminal = Terminal(folder, "init", *asked, **TOKENS)
    terminal.until("Enter takes it")
    terminal.type(keys)
    assert terminal.end() == 130, terminal.said
    assert "Stopped. Nothing was written." in terminal.said
    assert list(folder.iterdir()) == []
