# A tracker is down: its tasks rest, all others go on
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
given  shop#2            github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
grace-h adds "stage: verify" to shop#2
jira is down for one run
sync
then   1 task rests
then   shop#1 has "stage: build"
then   shop#2 has "stage: verify"
sync
then   0 tasks rest
then   shop#1 has "stage: verify"
then   the plan is empty
