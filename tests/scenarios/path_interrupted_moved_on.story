# Who takes a task on from a hop where we left it has moved it
with a jira in which one goes step by step
given  SHOP-1 = shop#1   jira: Design, ada-l   github: "stage: design", ada-l
sync
ada-l moves shop#1 to "stage: verify"
the next write to jira breaks off after 1 hop
sync
then   SHOP-1 has In Progress
grace-h moves SHOP-1 to Release
2 minutes pass
sync
then   the stage of SHOP-1 is in conflict
then   nothing was written
then   SHOP-1 has Release
then   shop#1 has "stage: verify"
