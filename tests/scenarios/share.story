# A run that would change a large share of all tasks is held; a small team can always work
with   limit share: 10 %
given  6 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves every SHOP task to In Review
sync --yes
then   the run is held by limits.share
then   nothing was written
ada-l moves SHOP-6 to In Progress
sync
then   only shop#1, shop#2, shop#3, shop#4, shop#5 were written
