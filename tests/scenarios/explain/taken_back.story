# Explained: a run that a person took back
given  SHOP-1 titled "Loyalty points"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Loyalty points" github: "stage: build", ada-l
sync
6 hours pass
grace-h moves shop#1 to closed as completed
10 minutes pass
sync
then   SHOP-1 has Done
1 hours pass
undo 2 --yes
then   SHOP-1 has In Progress
10 minutes pass
sync
then   nothing was written
then   explain SHOP-1 is as in taken_back
