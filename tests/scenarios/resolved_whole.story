# Taking the side with room for one takes all of it: whoever it does not show goes
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
sync
kath-j assigns SHOP-1 to alan-t
grace-h assigns shop#1 to grace-h, kath-j
sync
resolve SHOP-1 --take jira --yes
then shop#1 has alan-t
then the plan is empty
