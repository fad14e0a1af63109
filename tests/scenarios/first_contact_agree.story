# First contact: agreement is taken over in silence, so that the next move is known for one
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
then   nothing was written
then   no conflict is open
grace-h moves shop#1 to "stage: verify"
sync
then   SHOP-1 has In Review
then   only SHOP-1 was written
