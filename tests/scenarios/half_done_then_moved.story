# What a broken-off write left behind does not stand against the next real move
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
the next write to github breaks off half-way
sync
then   shop#1 is in doubt
ada-l moves SHOP-1 to Release
2 minutes pass
sync
then   no conflict is open
then   shop#1 has "stage: release"
then   the plan is empty
