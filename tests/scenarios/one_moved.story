# One person moves a task, and the other tracker follows
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", "bug", ada-l
sync
ada-l moves SHOP-1 to In Review in jira
sync
then   shop#1 has "stage: verify", "bug"
then   only shop#1 was written
then   the plan is empty
