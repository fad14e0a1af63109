# A store that is lost: links come back from the texts, what was agreed on does not
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
given SHOP-2 = shop#2 jira: In Progress, ada-l github: "stage: build", ada-l
sync
the store is lost
ada-l moves SHOP-2 to In Review
sync
then nothing was written
then SHOP-1 and shop#1 are one task
then SHOP-2 and shop#2 are one task
# Nobody knows any more that only jira moved: it is first contact again, and asks.
then the stage of SHOP-2 is in conflict because "first met, and they say different things (adopt: ask)"
ada-l moves SHOP-1 to In Review
sync
then the run is held by first run
