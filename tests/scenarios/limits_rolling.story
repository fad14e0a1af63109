# Limits count over a window: one change a run is held like many in one
with limit changes: 2
with limit window: 24 hours
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
then shop#1 has "stage: verify"
ada-l moves SHOP-1 to Release
sync
then shop#1 has "stage: release"
ada-l moves SHOP-1 to In Progress
sync
then nothing was written
then the run is held by limits.changes
# What a person approves is not counted, and when the day is over there is room again.
sync --approve
then shop#1 has "stage: build"
ada-l moves SHOP-1 to In Review
sync
then the run is held by limits.changes
25 hours pass
sync
then shop#1 has "stage: verify"
