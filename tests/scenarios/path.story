# A status that no single transition reaches is reached step by step
with a jira in which one goes step by step
given  SHOP-1 = shop#1   jira: Design, ada-l   github: "stage: design", ada-l
sync
ada-l moves shop#1 to "stage: verify"
sync
then   we took SHOP-1 to In Progress, In Review
then   the plan is empty
sync
then   nothing was written
