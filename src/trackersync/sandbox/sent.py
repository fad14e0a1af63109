"""A webhook's delivery, as either stand-in would send it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery as a receiver finds it: headers with their names in lower case, and the raw body."""

    headers: Mapping[str, str]
    body: bytes
