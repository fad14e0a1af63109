# Explained: a write that the tracker refuses
given  SHOP-1 titled "Print return labels at packing"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Print return labels at packing" github: "stage: build", ada-l
sync
3 hours pass
grace-h moves shop#1 to "stage: verify"
10 minutes pass
the next write to jira is refused
sync
1 hours pass
sync
then   nothing was written
then   explain SHOP-1 is as in refused
