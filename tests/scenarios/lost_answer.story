# A lost answer: the write took effect, and nothing is written twice
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
the next answer to a write in github is lost
sync
then   shop#1 is in doubt
sync
then   nothing was written
then   nothing is in doubt
then   shop#1 has "stage: verify"
then   the plan is empty
