# A write that broke off half-way is ours to finish, and nobody's move
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", "bug", ada-l
sync
ada-l moves SHOP-1 to In Review
the next write to github breaks off half-way
sync
then   shop#1 is in doubt
then   shop#1 has "bug", "stage: build", "stage: verify"
2 minutes pass
sync
then   shop#1 has "bug", "stage: verify"
then   SHOP-1 has In Review
then   nothing is in doubt
then   the plan is empty
