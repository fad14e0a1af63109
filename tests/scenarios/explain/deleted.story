# Explained: an item that was deleted
given  SHOP-1 titled "Dark mode for the order history"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Dark mode for the order history" github: "stage: build", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
20 hours pass
ada-l moves SHOP-1 to In Review
10 minutes pass
sync
3 hours pass
ada-l deletes shop#1
sync --full
2 hours pass
ada-l moves SHOP-1 to Release
sync
then   explain shop#1 is as in deleted
