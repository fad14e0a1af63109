# Reopening brings a task back to the last stage it was open in
given  SHOP-1 = shop#1   jira: In Review, ada-l   github: "stage: verify", ada-l
sync
ada-l moves SHOP-1 to Done
sync
then   shop#1 has no label, closed as completed
grace-h reopens shop#1
sync
then   SHOP-1 has In Review
then   shop#1 has "stage: verify", open
then   the plan is empty
