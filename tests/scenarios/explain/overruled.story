# Explained: a move that the authority takes back
with   authority: jira
given  SHOP-1 titled "Search ignores umlauts"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Search ignores umlauts" github: "stage: build", ada-l
sync
5 hours pass
grace-h moves shop#1 to "stage: release"
10 minutes pass
sync
then   shop#1 has "stage: build"
30 minutes pass
then   explain shop#1 is as in overruled
