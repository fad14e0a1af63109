# Whoever moves the overruled side after a settlement, before it was written, is heard
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", grace-h
sync
the next write to github gets lost
resolve SHOP-1 --take jira --yes
kath-j assigns shop#1 to kath-j
sync
then nothing was written
then shop#1 has kath-j
then the owners of SHOP-1 are in conflict
