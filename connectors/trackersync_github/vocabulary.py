"""The places a stage can live in a GitHub issue: its labels, its state, and the reason it was closed for."""

from __future__ import annotations

from trackersync.connector import Capacity, Matcher, UrlForm, Vocabulary

MOST_ASSIGNEES = 10
"""GitHub, "Assigning issues and pull requests to other GitHub users": up to 10 people."""

MOST_LABELS = 100

WRITES = {
    "labels": Capacity(MOST_LABELS),
    "state": Capacity(1),
    "reason": Capacity(1),
    "owners": Capacity(MOST_ASSIGNEES),
}

VOCABULARY = Vocabulary(
    matchers=(
        Matcher("labels", "labels", shared=True),
        Matcher("state", "state", values=("open", "closed")),
        Matcher("reason", "reason", values=("completed", "not_planned", "duplicate", "reopened")),
    ),
    # "Ignored unless state is changed" (REST API, "Update an issue"), so a reason is never written by itself.
    follows={"reason": "state"},
    lenient=frozenset({"reason"}),
    assumed={"state": ("open",)},
    open={"state": ("open",)},
    finished={"state": ("closed",)},
    defaults={
        "done": {"state": ("closed",), "reason": ("completed",)},
        "cancelled": {"state": ("closed",), "reason": ("not_planned",)},
    },
    alike={("reason", "duplicate"): "not_planned"},
    url_forms=(UrlForm(r"^/([^/\s]+/[^/\s]+)/issues/(\d+)(?![\w-])", r"\1#\2"),),
    blank="no label",
)
