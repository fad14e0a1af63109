# Jira has room for one owner and github for two: they agree
given  SHOP-1 = shop#1   jira: In Progress, grace-h   github: "stage: build", ada-l, grace-h
sync
then   nothing was written
then   the plan is empty
# Who leaves jira leaves the task; who could never be shown there stays.
grace-h assigns SHOP-1 to kath-j
sync
then   shop#1 has ada-l, kath-j
then   SHOP-1 has kath-j
then   the plan is empty
