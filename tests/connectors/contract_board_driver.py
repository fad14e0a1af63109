"""A GitHub whose stage lives on a board and nowhere else: what ``ConnectorContract`` needs of it."""

from __future__ import annotations

from contract_drivers import GithubDriver, Loopback

from trackersync.connector import Facts, ItemRef

COLUMNS = ("Todo", "Doing", "In Review", "Done")


class BoardDriver(GithubDriver):
    """The same repository, with every issue on a board.

    Args:
        loopback: where to serve it.
        rest: whether the host has the REST API of projects; else it is reached by GraphQL.
    """

    stages: tuple[Facts, ...] = tuple({"board": (column,)} for column in COLUMNS)
    write_requests = 1

    def __init__(self, loopback: Loopback, *, rest: bool) -> None:
        super().__init__(loopback)
        self._board = self._github.boards.add("acme", 7, *COLUMNS)
        self._github.boards.rest = rest
        project = {"owner": "acme", "number": 7, "kind": "organization"}
        self._settings = type(self._settings).model_validate(
            self._settings.model_dump(exclude_unset=True) | {"project": project}
        )

    def create(self, title: str, **facts: tuple[str, ...]) -> ItemRef:
        ref = super().create(title, **facts)
        self._board.put(int(ref.id.partition("/")[2]), next(iter(facts.get("board", ())), ""))
        return ref

    def edit(self, ref: ItemRef, **facts: tuple[str, ...]) -> None:
        super().edit(ref, **facts)
        if "board" in facts:
            self._board.put(int(ref.id.partition("/")[2]), facts["board"][0])

    def delete(self, ref: ItemRef) -> None:
        self._board.remove(int(ref.id.partition("/")[2]))
        super().delete(ref)


class MixedDriver(BoardDriver):
    """The same, where a stage is a column and the label that goes with it."""

    stages = tuple({"board": (column,), "labels": (f"stage: {column}",)} for column in COLUMNS)
    write_requests = 3
