# Two people move the same task to the same stage
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
grace-h moves shop#1 to "stage: verify"
sync
then   nothing was written
then   the plan is empty
