# A refused change is not planned again until somebody changes something
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
the next write to github is refused
sync
then nothing was written
sync
then nothing was written
then the stage of shop#1 is left alone because "refused before: acme/shop#1: github forbids it"
grace-h adds "area: checkout" to shop#1
sync
then only shop#1 was written
then shop#1 has "area: checkout", "stage: verify"
