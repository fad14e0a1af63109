# Yes lifts no limit, only approving exactly this plan does
with   limit changes: 1
given  2 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves every SHOP task to In Review
sync
then   the run is held by limits.changes
sync --yes
then   the run is held by limits.changes
then   nothing was written
sync --approve
then   only shop#1, shop#2 were written
then   the plan is empty
