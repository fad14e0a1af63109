# A jira of three columns lives with thirteen stages
# In Progress is design, build, verify and release there; only leaving what a status covers is a move.
with   a jira of three columns
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves shop#1 to "stage: verify"
sync
then   nothing was written
then   the plan is empty
ada-l moves SHOP-1 to In Review
sync
then   nothing was written
ada-l moves SHOP-1 to Done
sync
then   shop#1 has no label, closed as completed
then   the plan is empty
