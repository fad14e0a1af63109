"""Names of statuses and labels as they are compared: without case, accents, width, decoration and numbering."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 120
"""More letters than these are no name of a stage, and are not looked at."""
_SHORTCODE = re.compile(r":[a-z0-9_+\-]+:")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_ELISION = re.compile(r"\b([cdjlmnst])['`\u00b4\u2018\u2019\u02bc](?=\w)")
_APOSTROPHE = re.compile(r"['`\u00b4\u2018\u2019\u02bc]")
_OTHER = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
_DENSE = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u3005"  # kana, han, hangul
_WITHIN_DENSE = re.compile(rf"(?<=[{_DENSE}]) (?=[{_DENSE}])")
_BORDER = re.compile(rf"(?<=[{_DENSE}])(?=[^\W{_DENSE}])|(?<=[^\W{_DENSE}])(?=[{_DENSE}])")
_IS_DENSE = re.compile(rf"[{_DENSE}]")
_ACCENT = re.compile("[\u0300-\u036f]")
"""European accents only: the marks of Japanese letters tell one sound from another."""
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe"})


@lru_cache(maxsize=1 << 15)
def folded(name: str, *, accents: bool = False) -> str:
    """A name as it is compared: words of letters and digits, one space between them; none inside Chinese and the like.

    ``"🚧 In_Progress"`` and ``"3. in-progress"`` are ``in progress``, ``"À valider"`` is ``a valider``.

    Args:
        name: as people write it.
        accents: whether they count: ``analysé`` is over, ``analyse`` is not.
    """
    text = name[:LONGEST]
    plain = text.isascii()
    text = _HUMP.sub(" ", _SHORTCODE.sub(" ", text if plain else unicodedata.normalize("NFKC", text))).casefold()
    text = _APOSTROPHE.sub("", _ELISION.sub(r"\1 ", text))
    if not plain and not accents:
        text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text))).translate(_LETTERS)
    if not plain:
        text = _BORDER.sub(" ", text)
    text = " ".join(_NUMBER.sub(" ", _OTHER.sub(" ", text)).split())
    return text if plain else _WITHIN_DENSE.sub("", text)


def is_dense(text: str) -> bool:
    """Whether it has letters of a script that puts no spaces between words."""
    return _IS_DENSE.search(text) is not None
