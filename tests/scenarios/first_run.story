# The first run shows its plan and waits for a yes
with   a configuration that has not written before
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: no label, ada-l
sync
then   the run is held by first run
then   nothing was written
sync --yes
then   the run is not held
then   shop#1 has "stage: build"
# One yes is enough.
ada-l moves SHOP-1 to In Review
sync
then   shop#1 has "stage: verify"
