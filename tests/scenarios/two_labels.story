# Of two stage labels the new one is where somebody moved the task
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", "bug", ada-l
sync
ada-l adds "stage: verify" to shop#1
sync
then   SHOP-1 has In Review
then   shop#1 has "stage: verify", "bug"
then   the plan is empty
