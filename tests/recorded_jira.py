"""What the recorded webhook bodies of Jira are about, worked out by reading them."""

from __future__ import annotations

ISSUES: dict[str, tuple[str, int]] = {
    "webhook-cloud-comment-created-mention-user": ("TES", 10040),
    "webhook-cloud-comment-deleted": ("KT", 10357),
    "webhook-cloud-issue-created-many-fields": ("KT", 10509),
    "webhook-issue-assigned-empty-changelog": ("TEST", 10001),
    "webhook-issue-created": ("TES", 10040),
    "webhook-issue-created-no-description-nor-relevant-fields": ("TES", 10040),
    "webhook-issue-created-no-relevant-fields": ("TES", 10040),
    "webhook-issue-updated-assigned": ("TES", 10040),
    "webhook-issue-updated-assigned-nobody": ("TES", 10040),
    "webhook-issue-updated-components": ("TES", 10360),
    "webhook-issue-updated-fix-version": ("TES", 10040),
    "webhook-issue-updated-labels": ("TES", 10040),
    "webhook-issue-updated-multiple-custom-fields": ("TES", 10040),
    "webhook-issue-updated-raised-priority": ("TES", 10040),
    "webhook-issue-updated-renamed": ("TES", 10040),
    "webhook-issue-updated-reopened": ("TES", 10040),
    "webhook-issue-updated-resolved": ("TES", 10040),
    "webhook-issue-updated-started-working": ("TES", 10040),
    # It carries no issue: only the address of the comment says which one it was on.
    "webhook-server-comment-deleted": ("", 10013),
    "webhook-server-issue-updated-closed": ("TES", 10300),
    "webhook-server-issue-updated-comment-edited": ("PRJX", 10013),
    "webhook-server-issue-updated-commented-2": ("PRJA", 10231),
    "webhook-server-issue-updated-commented-mention-user": ("PRJX", 10013),
    "webhook-server-issue-updated-many-fields": ("HEY", 10400),
    "webhook-server-issue-updated-resolved": ("TES", 10300),
    "webhook-server-old-issue-updated-no-event-type-comment-deleted": ("PRJX", 10013),
    "webhook-server-old-issue-updated-no-event-type-commented": ("PRJX", 10013),
    "webhook-server-updated-custom-field": ("TES", 10106),
}
"""By body, the project and the id of the issue it is about; no project where it does not say."""

OURS = tuple(sorted({project for project, _ in ISSUES.values() if project}))
