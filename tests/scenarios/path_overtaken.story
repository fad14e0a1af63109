# Who moves a task off the hop we have just taken it to keeps their word
with a jira in which one goes step by step
given  SHOP-1 = shop#1   jira: Design, ada-l   github: "stage: design", ada-l
sync
ada-l moves shop#1 to "stage: release"
at the next hop grace-h moves SHOP-1 to In Review
sync
then   we took SHOP-1 to In Progress
then   SHOP-1 has In Review
then   nothing is in doubt
sync
then   the stage of SHOP-1 is in conflict
then   nothing was written
