# Explained: a conflict that waits for a person
given  SHOP-1 titled "Stock count drifts after refunds"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Stock count drifts after refunds" github: "stage: build", ada-l
sync
22 hours pass
ada-l assigns SHOP-1 to alan-t
7 minutes pass
ada-l assigns shop#1 to grace-h
3 minutes pass
sync
then   the owners of SHOP-1 are in conflict
4 hours pass
then   explain SHOP-1 is as in conflict_open
