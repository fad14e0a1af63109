# A label that says hands off: the whole task rests, in every tracker, until it is gone
with hands off github labels frozen
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
grace-h adds "frozen" to shop#1
ada-l moves SHOP-1 to In Review
sync
then nothing was written
then the stage of shop#1 is left alone because "hands off: acme/shop#1 shows labels "frozen""
grace-h takes "frozen" off shop#1
sync
then only shop#1 was written
then shop#1 has "stage: verify"
