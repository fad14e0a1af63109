# First contact: the side that is further brings the other along
with   adopt: furthest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: verify", ada-l
given  SHOP-2 = shop#2   jira: Release, ada-l       github: "stage: design", ada-l
sync
then   SHOP-1 has In Review
then   shop#2 has "stage: release"
then   the plan is empty
