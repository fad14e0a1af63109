# Back along the workflow, resolution and all
given SHOP-1 = shop#1 jira: In Review github: "stage: verify"
sync
grace-h closes shop#1
sync
then SHOP-1 has Done as Done
undo 2 --yes
then only SHOP-1 was written
then SHOP-1 has In Review
sync
then nothing was written
