# A task handed to two people at once waits for a decision
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l assigns SHOP-1 to grace-h
alan-t assigns shop#1 to kath-j
sync
then   the owners of SHOP-1 are in conflict because "jira and github both changed since they last agreed"
then   nothing was written
kath-j assigns SHOP-1 to kath-j
sync
then   no conflict is open
then   the plan is empty
