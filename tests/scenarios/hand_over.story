# A task is handed over in one tracker, and the other follows
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l assigns SHOP-1 to grace-h
sync
then   shop#1 has grace-h
then   the plan is empty
grace-h assigns shop#1 to kath-j
sync
then   SHOP-1 has kath-j
then   the plan is empty
