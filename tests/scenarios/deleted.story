# An item that disappeared closes nothing
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l deletes shop#1
sync --full
then   nothing was written
then   SHOP-1 has In Progress, ada-l
then   the run is not held
ada-l moves SHOP-2 to In Review
sync
then   shop#2 has "stage: verify"
then   the plan is empty
