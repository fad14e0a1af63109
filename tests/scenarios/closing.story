# What is closed in one tracker is done in the other
given  SHOP-1 = shop#1   jira: In Review, ada-l   github: "stage: verify", "bug", ada-l
given  SHOP-2 = shop#2   jira: In Review, ada-l   github: "stage: verify", ada-l
sync
ada-l moves SHOP-1 to Done
ada-l closes shop#2 as completed
sync
then   shop#1 has "bug", closed as completed
then   SHOP-2 has Done
then   the plan is empty
