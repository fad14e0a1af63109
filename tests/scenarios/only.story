# Told to look after one task only, a run leaves the others for later
given  2 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves every SHOP task to In Review
sync --only SHOP-2
then   only shop#2 was written
sync
then   only shop#1 was written
then   the plan is empty
