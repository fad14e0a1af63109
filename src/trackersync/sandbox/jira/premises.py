"""What a site shows besides its issues: projects' titles, boards, admin webhooks, and how much of it to everybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from trackersync.sandbox.posting import Post


@dataclass(frozen=True, slots=True)
class Board:
    """A board: the project it is at home in, and by column the names of its statuses."""

    id: int
    name: str
    project: str
    columns: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that an administrator made.

    Attributes:
        name: what people call it.
        url: where it delivers.
        enabled: whether it does.
        events: which events.
        id: its number; 0 for its place in the list.
        secret: what it signs with.
        jql: the issues it tells of; empty for all.
        base: the address of the stand-in, as whoever made it calls it.
        cloud: whether Cloud made it.
    """

    name: str
    url: str
    enabled: bool = True
    events: tuple[str, ...] = ("jira:issue_updated",)
    id: int = 0
    secret: str = field(default="", repr=False)
    jql: str = ""
    base: str = "http://127.0.0.1"
    cloud: bool = True


@dataclass(slots=True)
class Premises:
    """What there is, and who may see it.

    Attributes:
        public: whether everybody may look, and which of the two Jiras he meets.
        administrator: whether the account may see and do everything.
        titles: what people call a project; by default its key.
        archived: projects that are kept and no longer used.
        notes: by status, its description.
        boards: the boards.
        boards_refusal: how everybody is refused who asks for boards; 0 for not at all.
        hooks: the webhooks.
        old_hooks: whether webhooks are found where they were before Data Center 10.
        signs: whether webhooks can sign.
        post: how what they tell gets there.
    """

    public: Literal["", "cloud", "data center"] = ""
    administrator: bool = False
    titles: dict[str, str] = field(default_factory=dict)
    archived: frozenset[str] = frozenset()
    notes: dict[str, str] = field(default_factory=dict)
    boards: list[Board] = field(default_factory=list)
    boards_refusal: int = 0
    hooks: list[Hook] = field(default_factory=list)
    old_hooks: bool = False
    signs: bool = True
    post: Post = field(default_factory=Post)
