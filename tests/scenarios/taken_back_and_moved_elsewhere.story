# A move on the other side that was not followed yet goes its usual way after a run was taken back
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
ada-l moves SHOP-1 to Release
undo 2 --yes
then shop#1 has "stage: build"
sync
then shop#1 has "stage: release"
