# A settlement whose write gets lost on the way is not forgotten
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", grace-h
sync
the next write to github gets lost
resolve SHOP-1 --take jira --yes
then nothing was written
sync
then only shop#1 was written
then shop#1 has ada-l
then no conflict is open
then the plan is empty
