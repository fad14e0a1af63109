# What somebody has touched since is not taken back, and is named
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
given SHOP-2 = shop#2 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
ada-l moves SHOP-2 to In Review
sync
grace-h moves shop#2 to "stage: release"
undo 2 --yes
then only shop#1 was written
then the stage of shop#2 is left alone because "moved since: acme/shop#2 says release (stage: release) now"
sync
then SHOP-2 has Release
