# What a tracker refused is settled the other way
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
sync
kath-j assigns SHOP-1 to alan-t
grace-h assigns shop#1 to grace-h
sync
then the owners of SHOP-1 are in conflict
the next write to github is refused
resolve SHOP-1 --take jira --yes
then nothing was written
resolve SHOP-1 --take github --yes
then SHOP-1 has grace-h
then no conflict is open
then the plan is empty
