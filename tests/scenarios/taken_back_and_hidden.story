# An item that is out of sight for a while does not bring back what was taken back
with stage adopt: furthest
given SHOP-1 = shop#1 jira: In Progress github: "stage: design"
given SHOP-2 = shop#2 jira: In Progress github: "stage: build"
sync
then shop#1 has "stage: build"
undo 1 --yes
github hides shop#1
sync --full
github shows everything again
sync --full
then nothing was written
then shop#1 has "stage: design"
