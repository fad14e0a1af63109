# First contact: the side that was edited last brings the other along, whichever is further
with   adopt: latest
with   owners adopt: latest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: verify", grace-h
5 minutes pass
ada-l moves SHOP-1 to Release
5 minutes pass
grace-h moves shop#1 to "stage: design"
ada-l assigns SHOP-2 to kath-j
sync
then   SHOP-1 was written because "latest edit: grace-h, 09:22 UTC"
then   SHOP-1 has Design
then   shop#2 has kath-j
# Nobody has moved the stage of SHOP-2 since both were made, at the same moment.
then   the stage of SHOP-2 is in conflict because "first met, and they say different things, both set at the same moment (adopt: latest)"
