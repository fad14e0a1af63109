# A task that is paused rests, and its conflicts are kept
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
pause SHOP-1 saying "release freeze"
ada-l moves SHOP-1 to In Review
sync
then nothing was written
then the stage of shop#1 is left alone because "the task is paused: release freeze"
grace-h moves shop#1 to "stage: design"
sync
then the stage of SHOP-1 is in conflict
resume SHOP-1
resolve SHOP-1 --take jira --yes
then shop#1 has "stage: verify"
