# Not planned in github is won't do in jira
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
grace-h closes shop#1 as not planned
sync
then   SHOP-1 has Done as Won't Do
then   the plan is empty
