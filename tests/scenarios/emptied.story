# A tracker that suddenly shows nothing is an alarm, not an instruction
given  3 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
jira hides everything from us
sync --full --yes
then   the run is held by emptied tracker
then   nothing was written
jira shows everything again
sync --full
then   the run is not held
then   only shop#1 was written
then   shop#1 has "stage: verify"
