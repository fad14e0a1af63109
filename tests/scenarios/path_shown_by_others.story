# Items that stand further on show the way, so that the whole of it is planned before the first step
with a jira that shows only what leaves the status an item is in
given  SHOP-1 = shop#1   jira: Design, ada-l   github: "stage: design", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: build", ada-l
given  SHOP-3 = shop#3   jira: In Review, ada-l   github: "stage: verify", ada-l
sync
ada-l moves shop#1 to "stage: release"
sync
then   we took SHOP-1 to In Progress, In Review, Release
then   the plan is empty
sync
then   nothing was written
