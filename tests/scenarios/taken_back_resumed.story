# What was taken back is written again when somebody says resume
with stage adopt: furthest
given SHOP-1 = shop#1 jira: In Progress github: "stage: design"
sync
then shop#1 has "stage: build"
undo 1 --yes
then shop#1 has "stage: design"
sync
then nothing was written
resume SHOP-1
sync
then only shop#1 was written
then shop#1 has "stage: build"
