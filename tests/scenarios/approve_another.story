# A plan that was approved is not the plan any more
with   limit changes: 1
given  3 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
ada-l moves SHOP-2 to In Review
plan
then   the run is held by limits.changes
ada-l moves SHOP-3 to In Review
sync --approve
then   the run is held by limits.changes
then   nothing was written
