# A status nobody but people may move: no finding, nothing written
with hands off jira status Waiting for vendor
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to Waiting for vendor
grace-h moves shop#1 to "stage: verify"
sync
then nothing was written
then no finding unknown-status
ada-l moves SHOP-1 to In Progress
sync
then only SHOP-1 was written
then SHOP-1 has In Review
