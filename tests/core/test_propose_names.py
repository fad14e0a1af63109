"""How a name of a status or label is read, and that the shipped words say what they are meant to say."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections import defaultdict

import pytest

from trackersync.config import shipped
from trackersync.config.document import read as yaml_of
from trackersync.config.lexicon import _parsed as language_of
from trackersync.config.lexicon import lexicon
from trackersync.core.propose.concepts import CATEGORY, CONCEPTS, GENERAL, KIN, MARKS, NOTHING, ORDER, SPECIFIC
from trackersync.core.propose.lexicon import Lexicon, Phrase
from trackersync.core.propose.names import read
from trackersync.core.propose.spelling import LONGEST, folded


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("In Progress", "in progress", id="case"),
        pytest.param("🚧 In_Progress", "in progress", id="emoji and underscores"),
        pytest.param(":construction: In progress", "in progress", id="an emoji's code"),
        pytest.param("3. in-progress", "in progress", id="numbering"),
        pytest.param("[In Progress]", "in progress", id="brackets"),
        pytest.param("InProgress", "in progress", id="humps"),
        pytest.param("IN PROGRESS", "in progress", id="capitals are no humps"),
        pytest.param("QA", "qa", id="an abbreviation"),
        pytest.param("À valider", "a valider", id="accents"),
        pytest.param("En attente d'approbation", "en attente d approbation", id="an elision parts words"),
        pytest.param("Won\u2019t fix", "wont fix", id="an apostrophe inside a word does not"),
        pytest.param("".join(chr(ord(one) + 0xFEE0) for one in "InProgress"), "in progress", id="full width"),
        pytest.param("ﾚﾋﾞｭｰ待ち", "レビュー待ち", id="half width"),
        pytest.param("進行 中", "進行中", id="spaces inside Japanese"),
        pytest.param("QA中", "qa 中", id="two scripts"),
        pytest.param("ガ", "ガ", id="the marks of kana stay"),
        pytest.param("진행 중", "진행중", id="spaces inside Korean"),
        pytest.param("Łódź", "lodz", id="letters that do not come apart"),
        pytest.param("100 %", "", id="nothing is left"),
        pytest.param("x" * 500, "x" * LONGEST, id="endless"),
    ],
)
def test_names_are_compared_without_what_does_not_count(name: str, expected: str) -> None:
    assert folded(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # how far: what stands beside a step
        pytest.param("Ready for QA", "verify before", id="ready for a step"),
        pytest.param("Ready 4 Testing", "verify before", id="ready for a step, in other words"),
        pytest.param("Review needed", "review", id="needed, after the step"),
        pytest.param("UAT pending", "acceptance before", id="pending, after the step"),
        pytest.param("QA queue", "verify before", id="a step's queue"),
        pytest.param("Not tested", "verify before", id="not yet"),
        pytest.param("Dev - Done", "build after", id="done, after the step"),
        pytest.param("Done testing", "verify after", id="done, before the step"),
        pytest.param("Done - awaiting release", "release before", id="done with one, waiting for the next"),
        pytest.param("Spec approved", "requirements after", id="approved is said of the other step"),
        pytest.param("Approved", "acceptance after", id="approved alone"),
        pytest.param("Tested", "verify after", id="a participle"),
        pytest.param("Testing", "verify", id="a gerund"),
        pytest.param("Reviewed", "review after", id="reviewed is not in review"),
        pytest.param("Released", "released", id="released"),
        pytest.param("Release", "release", id="release is not released"),
        pytest.param("Ready to be shipped", "release before", id="not shipped yet"),
        pytest.param("QA rejected", "verify failed", id="rejected, of a step"),
        pytest.param("Code review: returned", "code review failed", id="returned, of a step"),
        pytest.param("Rejected by QA", "verify failed", id="rejected by a step"),
        pytest.param("Rejected", "cancelled", id="rejected for good"),
        pytest.param("Failed", "verify failed ?", id="failed, and nothing is said of what"),
        pytest.param("Not done", "todo", id="not done is to do"),
        pytest.param("To be fixed", "todo", id="to be done is to do"),
        pytest.param("Not to do", "cancelled ?", id="not to be done is cancelled"),
        pytest.param("Pending intake", "wish ?", id="what it waits for says more"),
        pytest.param("Not ready", "wish", id="not ready is a wish"),
        pytest.param("Ready for Dev", "ready", id="ready for development is a state of its own"),
        pytest.param("Testing - In Progress", "verify", id="in progress says nothing more"),
        pytest.param("Waiting for support", "support", id="support that is waited for is at work"),
        pytest.param("Waiting for Godot", "waiting ?", id="whom it waits for is unknown"),
        # which of several
        pytest.param("Code review", "code review", id="the longest phrase"),
        pytest.param("Design review", "design", id="a phrase of its own"),
        pytest.param("Release testing", "release", id="a phrase, though its head is another's"),
        pytest.param("Build / Test", "verify ?", id="two steps: the last, as a guess"),
        pytest.param("In Review (Backend)", "review", id="what adds nothing"),
        pytest.param("In Review Zebra", "review ?", id="a word that is left over"),
        # slips of the pen
        pytest.param("Develompent", "build ~development", id="a letter in the wrong place"),
        pytest.param("Code Reveiw", "code review ~review", id="a slip in a phrase"),
        pytest.param("Wrok", "None", id="short words have too many neighbours"),
        pytest.param("Resting", "None", id="another first letter is another word"),
        pytest.param("Pasting", "None", id="near to testing, and no slip of it"),
        # near misses
        pytest.param("Party", "None", id="no stage at all"),
        pytest.param("Sprint 23", "None", id="a sprint"),
        pytest.param("Needs tests", "None", id="tests that are missing are no testing"),
        pytest.param("Needs testing", "verify before", id="testing that is missing is"),
        pytest.param("DevOps", "None", id="no development"),
        pytest.param("Production bug", "None", id="no production"),
        # languages
        pytest.param("Zu erledigen", "todo German", id="German: to do"),
        pytest.param("Ueberpruefung", "review German", id="German without umlauts"),
        pytest.param("Kundenüberprüfung", "review German ~Überprüfung", id="German: the last part of a compound, as a guess"),
        pytest.param("Nicht getestet", "verify before German", id="German: not tested"),
        pytest.param("In Abnahme durch Kunden", "acceptance German", id="German: fillers"),
        pytest.param("Terminé(e)", "done French", id="French: Jira's own word"),
        pytest.param("Analysé", "research after French", id="French: an accent makes it over"),
        pytest.param("Prêt à être déployé", "release before French", id="French: ready to be deployed"),
        pytest.param("Revisión de diseño", "design Spanish", id="Spanish"),
        pytest.param("No iniciado", "todo Spanish", id="Spanish: no is a word here"),
        pytest.param("En revisión por el equipo", "review Spanish", id="Spanish: por does not say before"),
        pytest.param("レビュー待ち", "review Japanese", id="Japanese"),
        pytest.param("設計レビュー完了", "design after Japanese", id="Japanese: the review of a step is over, so the step is"),
        pytest.param("未完了", "todo Japanese", id="Japanese: not done"),
        pytest.param("QA中", "verify Japanese", id="Japanese: mixed scripts"),
        pytest.param("测试不通过", "verify failed Chinese", id="Chinese"),
        pytest.param("테스트 실패", "verify failed Korean", id="Korean"),
        pytest.param("Готово к тестированию", "verify before Russian", id="Russian"),
        pytest.param("Oczekuje na akceptację", "acceptance before Polish", id="Polish"),
        pytest.param("Te doen", "todo Dutch", id="Dutch"),
        pytest.param("Da fare", "todo Italian", id="Italian"),
        pytest.param("Aguardando aprovação", "acceptance before Portuguese", id="Portuguese"),
    ],
)  # fmt: skip
def test_a_name_is_read(name: str, expected: str) -> None:
    assert told(name) == expected


def told(name: str) -> str:
    meaning = read(name, lexicon())
    if meaning is None:
        return "None"
    words = [meaning.concept, *([meaning.aspect] if meaning.aspect != "in" else [])]
    words += [meaning.language] if meaning.language != "English" else []
    return " ".join([*words, f"~{meaning.slip}" if meaning.slip else "" if meaning.sure else "?"]).strip()


def test_every_shipped_word_is_read_as_it_is_meant() -> None:
    """A word that languages share is the first one's, so it is enough that one of them means it."""
    meant: dict[str, set[str]] = defaultdict(set)
    for phrase in lexicon().phrases:
        meant[folded(phrase.text)].add(phrase.concept)
    wrong = []
    for text, concepts in meant.items():
        meaning = read(text, lexicon())
        if meaning is not None and meaning.concept not in concepts and not concepts & (MARKS | {NOTHING}):
            wrong.append((text, meaning.concept, concepts))
        if meaning is None and not concepts & (MARKS | {NOTHING}):
            wrong.append((text, None, concepts))
    assert wrong == []


def test_within_a_language_a_word_has_one_meaning() -> None:
    """Marks apart: "queue" is a state alone, and beside a step it says that the step waits."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for phrase in lexicon().phrases:
        if phrase.concept not in MARKS:
            found[phrase.language, folded(phrase.text, accents=True)].add((phrase.concept, phrase.aspect))
    assert {key: meanings for key, meanings in found.items() if len(meanings) > 1} == {}


def test_every_file_of_words_is_sound() -> None:
    files = [file for file in (shipped() / "words").iterdir() if file.name.endswith(".yaml")]
    assert len(files) == 12
    for file in files:
        document = yaml_of(file.read_text("utf-8"), file.name)
        assert document.faults == (), file.name
    assert all(folded(phrase.text) for phrase in lexicon().phrases)


def test_every_concept_has_its_place_category_kin_and_words() -> None:
    assert set(ORDER) | GENERAL | SPECIFIC == CATEGORY.keys()
    assert KIN.keys() | {"doing"} == CATEGORY.keys()
    assert {one for kin in KIN.values() for one in kin} <= CATEGORY.keys()
    named = {phrase.concept for phrase in lexicon().phrases}
    assert named == CONCEPTS
    for language in {phrase.language for phrase in lexicon().phrases}:
        own = {phrase.concept for phrase in lexicon().phrases if phrase.language == language}
        assert CATEGORY.keys() <= own, language


def test_a_lexicon_of_ones_own_is_enough() -> None:
    small = Lexicon((Phrase("brewing", "Elvish", "build"), Phrase("served", "Elvish", "done")))
    meaning = read("Brewing!", small)
    assert meaning is not None
    assert (meaning.concept, meaning.because) == ("build", "its name, in Elvish")
    assert read("In Progress", small) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("language: X\nwords: {biuld: [a]}", "no concepts: biuld", id="a concept that is none"),
        pytest.param(
            "language: X\nwords: {build: [a]}\nover: {not: [b]}", "no concepts: not", id="a mark is never over"
        ),
        pytest.param("language: X\nwords: {build: [a]}\nfiler: [b]", "filer", id="an unknown key"),
        pytest.param("words: {build: [a]}", "language", id="no language"),
    ],
)
def test_a_file_of_words_with_a_fault_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        language_of(text, "x")


def test_words_that_yaml_takes_for_something_else_are_words() -> None:
    assert [one.text for one in language_of("language: X\nwords: {not: [no, on, 1]}", "x").phrases()] == [
        "no",
        "on",
        "1",
    ]
