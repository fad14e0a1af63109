# Explained: two people move a task at once, and one of them gives in
given  SHOP-1 titled "Address book import"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Address book import" github: "stage: build", ada-l
sync
22 hours pass
ada-l moves SHOP-1 to In Review
7 minutes pass
grace-h moves shop#1 to "stage: release"
3 minutes pass
sync
1 hours pass
sync
2 hours pass
ada-l moves SHOP-1 to Release
sync
then   no conflict is open
then   explain SHOP-1 is as in conflict_ends
