# Who closed the issue meanwhile has moved it: nothing is taken back there
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
grace-h closes shop#1 as completed
undo 2 --yes
then nothing was written
then the stage of shop#1 is left alone because "moved since: acme/shop#1 says done (closed, completed) now"
sync
then SHOP-1 has Done
