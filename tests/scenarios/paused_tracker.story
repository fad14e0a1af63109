# A tracker that is paused is read as ever, and not written; the other one is
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
given SHOP-2 = shop#2 jira: In Progress github: "stage: build"
sync
pause github
ada-l moves SHOP-1 to In Review
grace-h moves shop#2 to "stage: verify"
sync
then only SHOP-2 was written
then the stage of shop#1 is left alone because "github is paused"
resume github
sync
then only shop#1 was written
