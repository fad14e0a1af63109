# Asked for, sync decides nothing by itself
with   authority: ask
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
sync
then   the stage of SHOP-1 is in conflict because "sync asks before it decides (authority: ask)"
then   nothing was written
