# Taking the side with more room: the one-owner tracker shows as many as it can
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
sync
kath-j assigns SHOP-1 to alan-t
grace-h assigns shop#1 to grace-h, kath-j
sync
then the owners of SHOP-1 are in conflict
resolve SHOP-1 --take github --yes
then only SHOP-1 was written
then shop#1 has grace-h, kath-j
then no conflict is open
then the plan is empty
