# A link that a person calls wrong is not made again, whatever the title says
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
then SHOP-1 and shop#1 are one task
unlink shop#1
ada-l moves SHOP-1 to In Review
sync --full
then shop#1 is a task of its own
then nothing was written
link shop#1 SHOP-1
sync
then SHOP-1 and shop#1 are one task
