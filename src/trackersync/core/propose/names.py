"""How a name is read: the phrases in it, and what they mean together.

The whole name first, then the longest phrases inside it, and for a long word that is none of them a slip of the pen.
A general phrase beside a specific one says how far that is: ``QA done`` is after QA, ``ready for QA`` before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from trackersync.core.propose.concepts import CATEGORY, GENERAL, MARKS, NOTHING, SPECIFIC, Aspect
from trackersync.core.propose.lexicon import LONG, Lexicon, Phrase
from trackersync.core.propose.spelling import folded, is_dense

TWO_SLIPS = 10
"""So many letters may have two slips; fewer only one. Two letters that changed places are one slip."""
ENGLISH = "English"
_BEFORE = frozenset({"before", "wish", "new", "todo", "ready", "waiting"})
_BEHIND = frozenset({"needed", "wish", "new", "todo", "ready", "waiting"})
_AFTER = frozenset({"after", "done", "released"})
_FAILED = frozenset({"failed", "cancelled", "reopened"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means.

    Attributes:
        concept: of ``concepts``, no mark.
        aspect: how far it is.
        language: of the phrase that decided, in English.
        phrase: that phrase, folded.
        whole: no word of the name is left over.
        sure: the words do not contradict each other, and none was guessed.
        slip: what a misspelt name was read as; empty where none was.
    """

    concept: str
    aspect: Aspect
    language: str
    phrase: str
    whole: bool
    sure: bool
    slip: str = ""

    @property
    def because(self) -> str:
        """In words, for a table."""
        if self.slip:
            return f'its name, read as "{self.slip}"'
        return "its name" if self.language == ENGLISH else f"its name, in {self.language}"


@dataclass(frozen=True, slots=True)
class _Span:
    """Where in a name a phrase stands."""

    start: int
    end: int
    words: int
    phrase: Phrase


def read(name: str, lexicon: Lexicon, *, slips: bool = True) -> Meaning | None:
    """Say what a name means.

    Args:
        name: of a status, a column, a label, a stage.
        lexicon: the words there are.
        slips: whether misspelt words are looked for as well, which takes longer.

    Returns:
        Its meaning; None where it says nothing of a stage.
    """
    text = folded(name)
    phrase = lexicon.find(name)
    if phrase is not None:
        return _together((_Span(0, len(text), text.count(" ") + 1, phrase),), text, lexicon)
    spans = _spans(text, lexicon, "" if name.isascii() else folded(name, accents=True))
    mended = _mended(text, spans, lexicon) if slips else text
    if mended != text:
        again = _spans(mended, lexicon)
        if _says(again) and (not _says(spans) or max(one.words for one in again) > max(one.words for one in spans)):
            meaning = _together(again, mended, lexicon)
            meant = [one for one, was in zip(mended.split(" "), text.split(" "), strict=True) if one != was]
            slip = " ".join(lexicon.known[one].text for one in meant)
            return None if meaning is None else replace(meaning, sure=False, slip=slip)
    return _together(spans, text, lexicon)


def _says(spans: Sequence[_Span]) -> bool:
    return any(span.phrase.concept in SPECIFIC | GENERAL for span in spans)


def _spans(text: str, lexicon: Lexicon, accented: str = "") -> tuple[_Span, ...]:
    """The phrases inside a name, the longest of those that overlap, in their order."""
    found = sorted(
        (*_spaced(text, accented, lexicon), *_dense(text, lexicon)), key=lambda one: (-one.words, one.start - one.end)
    )
    kept: list[_Span] = []
    for span in found:
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda one: one.start))


def _spaced(text: str, accented: str, lexicon: Lexicon) -> Iterator[_Span]:
    words = text.split(" ")
    said = accented.split(" ") if accented.count(" ") == text.count(" ") else words
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + lexicon.longest) + 1):
            phrase = lexicon.accented.get(" ".join(said[first:last])) if accented else None
            phrase = phrase or lexicon.known.get(" ".join(words[first:last]))
            if phrase is not None:
                yield _Span(starts[first], starts[last] - 1, last - first, phrase)


def _dense(text: str, lexicon: Lexicon) -> Iterator[_Span]:
    if not is_dense(text):
        return
    for known, phrase in lexicon.dense:
        start = text.find(known)
        while start >= 0:
            yield _Span(start, start + len(known), 1, phrase)
            start = text.find(known, start + 1)


def _mended(text: str, spans: Sequence[_Span], lexicon: Lexicon) -> str:
    """The name with its long unknown words as they were probably meant."""
    words: list[str] = []
    start = 0
    for word in text.split(" "):
        end = start + len(word)
        unknown = len(word) >= LONG and not any(span.start < end and start < span.end for span in spans)
        words.append(_meant(word, lexicon) if unknown and word not in lexicon.fillers else word)
        start = end + 1
    return " ".join(words)


def _meant(word: str, lexicon: Lexicon) -> str:
    # Hardly anybody misses the first letter, and other words often differ there only.
    words = lexicon.single.get(word[0], ())
    near = process.extractOne(word, words, scorer=OSA.distance, score_cutoff=1 + (len(word) >= TWO_SLIPS))
    return near[0] if near is not None else _last_part(word, lexicon)


def _last_part(word: str, lexicon: Lexicon) -> str:
    """What a compound is a kind of, in languages that write them as one word: ``Kundenüberprüfung`` is a review."""
    for start in range(2, len(word) - LONG + 1):
        phrase = lexicon.known.get(word[start:])
        if phrase is not None and phrase.language in lexicon.compounds:
            return word[start:]
    return word


def _left(text: str, spans: Sequence[_Span], lexicon: Lexicon) -> bool:
    """Whether a word of the name is in no phrase and says something all the same."""
    rest = list(text)
    for span in spans:
        rest[span.start : span.end] = " " * (span.end - span.start)
    return any(word not in lexicon.fillers for word in "".join(rest).split())


def _together(spans: Sequence[_Span], text: str, lexicon: Lexicon) -> Meaning | None:
    """What phrases mean together; None where none of them is of a stage."""
    if any(span.phrase.concept == NOTHING for span in spans):
        return None
    meaning = _specific(spans, lexicon) or _general(spans)
    if meaning is None:
        return None
    whole = not _left(text, spans, lexicon)
    return replace(meaning, whole=whole, sure=meaning.sure and whole)


def _specific(spans: Sequence[_Span], lexicon: Lexicon) -> Meaning | None:
    """By the longest phrase of a certain step; of equals by the last, or the first where a language has it so."""
    specific = [span for span in spans if span.phrase.concept in SPECIFIC]
    if not specific:
        return None
    # "Spec approved": what is over is the other step.
    over = [span for span in specific if span.phrase.aspect == "after"]
    steps = [span for span in specific if span.phrase.aspect != "after"] or specific
    most = max(span.words for span in steps)
    heads = [span for span in steps if span.words == most]
    head = heads[0] if heads[0].phrase.language in lexicon.heads else heads[-1]
    sure = len({span.phrase.concept for span in steps}) == 1
    aspect = "after" if over and over[-1].start > head.start else _aspect(head, spans, lexicon)
    return _meaning(head, aspect, sure=sure)


def _general(spans: Sequence[_Span]) -> Meaning | None:
    """By words that say how far work is and not which."""
    general = [span for span in spans if span.phrase.concept in GENERAL]
    marks = {span.phrase.concept: span for span in spans if span.phrase.concept in MARKS}
    if not general:
        # Alone, a mark speaks of whatever is checked: "Failed", "Passed".
        mark = marks.get("failed") or marks.get("after")
        if mark is None:
            return None
        return _meaning(mark, "failed" if "failed" in marks else "after", sure=False, concept="verify")
    # Of "pending intake" it is the intake that tells something.
    begun = [span for span in general if CATEGORY[span.phrase.concept] == "backlog"]
    telling = begun if begun and {span.phrase.concept for span in general} - {"waiting"} <= _BEFORE else general
    chosen = max(telling, key=lambda span: (span.words, span.phrase.concept != "doing", -span.start))
    concept = chosen.phrase.concept
    sure = len({span.phrase.concept for span in general}) == 1
    if "not" in marks:
        turned = {"done": "todo", "doing": "todo", "released": "release", "ready": "wish", "todo": "cancelled"}
        return _meaning(chosen, "in", sure=concept == "done", concept=turned.get(concept, concept))
    if concept == "done" and "before" in marks and marks["before"].start < chosen.start:
        return _meaning(chosen, "in", sure=sure, concept="todo")
    out = next((span for span in general if span.phrase.concept == "released"), None)
    if out is not None and any(span.start < out.start and span.phrase.concept in _BEFORE for span in spans):
        return _meaning(out, "before", sure=True, concept="release")
    return _meaning(chosen, chosen.phrase.aspect, sure=sure)


def _aspect(head: _Span, spans: Sequence[_Span], lexicon: Lexicon) -> Aspect:
    """How far the work is that the head names, by the words nearest to it."""
    ahead = [span.phrase.concept for span in spans if span.end <= head.start and span.phrase.concept not in SPECIFIC]
    behind = [span.phrase.concept for span in spans if span.start >= head.end and span.phrase.concept not in SPECIFIC]
    words = {*ahead, *behind}
    if "not" in words or (head.phrase.aspect == "after" and words & _BEFORE):
        return "before"
    if words & _FAILED:
        return "failed"
    queued = head.phrase.aspect == "in" and _queued(head, lexicon)
    if behind and behind[0] in _AFTER:
        return "after"
    if queued or (ahead and ahead[-1] in _BEFORE) or (behind and behind[0] in _BEHIND):
        # Support that is waited for is at work on it.
        return head.phrase.aspect if head.phrase.concept == "support" else "before"
    return "after" if ahead and ahead[-1] in _AFTER else head.phrase.aspect


def _queued(head: _Span, lexicon: Lexicon) -> bool:
    """Whether the phrase itself says that its step is waited for: ``awaiting release``."""
    words = folded(head.phrase.text).split(" ")
    starts = (" ".join(words[:count]) for count in range(1, len(words)))
    return any(phrase.concept in _BEFORE for start in starts if (phrase := lexicon.known.get(start)) is not None)


def _meaning(span: _Span, aspect: Aspect, *, sure: bool, concept: str = "") -> Meaning:
    named = concept or span.phrase.concept
    return Meaning(named, aspect, span.phrase.language, folded(span.phrase.text), whole=False, sure=sure)
