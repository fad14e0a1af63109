# A conflict that a person settles: that side's word is written, the other's is gone
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
sync
kath-j assigns SHOP-1 to alan-t
grace-h assigns shop#1 to grace-h
sync
then the owners of SHOP-1 are in conflict
resolve SHOP-1 --take jira --yes
then only shop#1 was written
then shop#1 has alan-t
then no conflict is open
then the plan is empty
