# A saved plan is refused when somebody has moved since
given  2 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves every SHOP task to In Review
plan
grace-h moves shop#1 to "stage: release"
apply that plan
then   the saved plan is refused because shop#1 moved
then   nothing was written
plan
then   the stage of SHOP-1 is in conflict
