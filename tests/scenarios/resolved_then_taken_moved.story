# A settlement takes what was said when it was made, and not whatever that side says later
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", grace-h
sync
the next write to github gets lost
resolve SHOP-1 --take jira --yes
alan-t assigns SHOP-1 to alan-t
sync
then nothing was written
then the owners of SHOP-1 are in conflict
