"""What a tracker shows of itself before anybody has mapped it: what ``init`` proposes a configuration from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Container:
    """A repository or project that the credential shows.

    Attributes:
        name: as the configuration names it: ``acme/shop``, ``SHOP``.
        title: what people call it; empty where it is the name.
        items: how many open issues it holds; None where the tracker does not say.
        latest: when something last happened in it; None where the tracker does not say.
    """

    name: str
    title: str = ""
    items: int | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A value in which a stage may live, as the tracker lists it, whether or not any issue shows it.

    Attributes:
        place: the key of the vocabulary's matcher: ``statuses``, ``resolutions``, ``labels``, ``board``.
        value: as issues show it.
        category: what the tracker itself says of it: ``backlog``, ``started``, ``done``; empty where it says nothing.
        rank: how far along it stands in the tracker's own order (columns of a board, a workflow), from 0; None where
            there is no order.
        containers: the repositories or projects that know it; empty for all.
        note: how the tracker describes it, for people.
    """

    place: str
    value: str
    category: str = ""
    rank: int | None = None
    containers: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class SurveyedBoard:
    """A board whose columns may carry the stage.

    Attributes:
        name: as people call it.
        settings: keys of the tracker's part of the configuration that make it count: ``{"project": {…}}``; empty
            where its columns are statuses, which count anyway.
        signs: its columns, as signs.
        items: how many items are on it; None where that is not told.
    """

    name: str
    settings: Mapping[str, object]
    signs: tuple[Sign, ...]
    items: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What a tracker shows of itself.

    Attributes:
        signs: every value in which a stage may live, boards' columns apart.
        boards: the boards there are, the likeliest first.
        remarks: sentences on what was seen and what could not be seen, with the reason.
    """

    signs: tuple[Sign, ...]
    boards: tuple[SurveyedBoard, ...] = field(default=())
    remarks: tuple[str, ...] = field(default=())
