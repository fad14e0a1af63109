"""A Jira whose stage lives in labels, or in several places at once: what ``ConnectorContract`` needs of it."""

from __future__ import annotations

from contract_drivers import JiraDriver, Loopback

from trackersync.connector import Facts, ItemRef
from trackersync.sandbox.jira.customs import CustomField

FIELD = "customfield_10040"
WORDS = ("idea", "build", "verify", "done")


class LabelsDriver(JiraDriver):
    """The same project, whose statuses say nothing of a stage.

    Args:
        loopback: where to serve it.
        email: Cloud's, or none.
    """

    stages: tuple[Facts, ...] = tuple({"labels": (f"stage-{word}",)} for word in WORDS)

    def __init__(self, loopback: Loopback, email: str | None) -> None:
        super().__init__(loopback, email)
        self._jira.custom_fields[FIELD] = CustomField(FIELD, "Delivery stage", options=WORDS)
        self._jira.parts.add("SHOP", "components", *WORDS, "Cart")
        settings = self._settings.model_dump(exclude_unset=True) | {"field": FIELD}
        self._settings = type(self._settings).model_validate(settings)

    def create(self, title: str, **facts: tuple[str, ...]) -> ItemRef:
        ref = super().create(title, **{"status": ("To Do",), **facts})
        self._place(ref, facts)
        return ref

    def edit(self, ref: ItemRef, **facts: tuple[str, ...]) -> None:
        super().edit(ref, **facts)
        self._place(ref, facts)

    def _place(self, ref: ItemRef, facts: Facts) -> None:
        if "components" in facts:
            self._jira.edit(ref.id, by="ada-l", parts={"components": facts["components"]})
        if "field" in facts:
            allowed = {option["value"]: option for option in self._jira.custom_fields[FIELD].allowed}
            self._jira.edit(ref.id, by="ada-l", custom={FIELD: allowed[facts["field"][0]] if facts["field"] else None})


class EverywhereDriver(LabelsDriver):
    """The same, where a stage is a status with the label, the component and the choice that go with it."""

    stages = tuple(
        {"status": (status,), "labels": (f"stage-{word}",), "components": (word,), "field": (word,)}
        for word, status in zip(WORDS, ("To Do", "In Progress", "Backlog", "Research"), strict=True)
    )
    write_requests = 2

    def __init__(self, loopback: Loopback, email: str | None) -> None:
        super().__init__(loopback, email)
        self.foreign = {**self.foreign, "components": ("Cart",)}
