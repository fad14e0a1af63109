# People who move work back and forth, hours apart, are no quarrel
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
3 hours pass
grace-h moves shop#1 to "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
3 hours pass
grace-h moves shop#1 to "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
3 hours pass
grace-h moves shop#1 to "stage: build"
sync
then SHOP-1 has In Progress
ada-l moves SHOP-1 to In Review
sync
then shop#1 has "stage: verify"
