# Explained: two people move a task at once, and the latest edit decides
with   authority: latest
given  SHOP-1 titled "Address book import"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Address book import" github: "stage: build", ada-l
sync
22 hours pass
ada-l moves SHOP-1 to In Review
7 minutes pass
grace-h moves shop#1 to "stage: design"
3 minutes pass
sync
1 hours pass
then   SHOP-1 has Design
then   explain SHOP-1 is as in latest
