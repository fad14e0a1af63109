# Explained: a conflict that a person settled
given  SHOP-1 titled "Stock count drifts after refunds"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Stock count drifts after refunds" github: "stage: build", ada-l
sync
22 hours pass
ada-l assigns SHOP-1 to alan-t
7 minutes pass
ada-l assigns shop#1 to grace-h
3 minutes pass
sync
4 hours pass
resolve SHOP-1 --take jira --yes
then   shop#1 has alan-t
10 minutes pass
sync
then   no conflict is open
1 hours pass
then   explain SHOP-1 is as in settled_by_person
