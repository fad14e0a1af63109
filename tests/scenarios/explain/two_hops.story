# Explained: a way through two statuses, broken off between them
with   a jira in which one goes step by step
given  SHOP-1 titled "Postcode check refuses Northern Ireland"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Postcode check refuses Northern Ireland" github: "stage: build", ada-l
sync
6 hours pass
grace-h moves shop#1 to "stage: release"
10 minutes pass
the next write to jira breaks off after 1 hop
sync
15 minutes pass
sync
then   SHOP-1 has Release
1 hours pass
then   explain SHOP-1 is as in two_hops
