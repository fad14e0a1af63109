# An issue that says no stage never holds a task back
given  SHOP-1 = shop#1   jira: In Review, ada-l   github: no label, "bug", ada-l
sync
then   SHOP-1 has In Review
then   shop#1 has "stage: verify", "bug"
# Nor is a label written for its own sake where nothing is known.
given  shop#2   github: no label, ada-l
sync
then   shop#2 has no label
then   the plan is empty
