# Explained: done, reopened and handed over more than once
given  SHOP-1 titled "Courier labels"         jira: In Review, ada-l
given  shop#1 titled "SHOP-1: Courier labels" github: "stage: verify", ada-l
sync
1 days pass
ada-l closes shop#1 as completed
sync
2 days pass
grace-h moves SHOP-1 to In Progress
ada-l assigns SHOP-1 to grace-h
sync
4 hours pass
grace-h assigns shop#1 to kath-j
sync
1 hours pass
then   explain SHOP-1 is as in reopened
