# A conflict about the stage, settled; the owners in conflict are not
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", grace-h
sync
ada-l moves SHOP-1 to In Review
grace-h moves shop#1 to "stage: design"
sync
then the stage of SHOP-1 is in conflict
then the owners of SHOP-1 are in conflict
resolve SHOP-1 --take github --field stage --yes
then only SHOP-1 was written
then SHOP-1 has Design
sync
then the owners of SHOP-1 are in conflict
