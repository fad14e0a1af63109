# Our own write comes back and is nobody's move
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
sync
sync
then   nothing was written
sync --full
then   nothing was written
ada-l moves SHOP-1 to In Progress
sync
then   shop#1 has "stage: build"
