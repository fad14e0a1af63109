# A path that broke off at a hop is nobody's move, and goes on from there
with a jira in which one goes step by step
given  SHOP-1 = shop#1   jira: Design, ada-l   github: "stage: design", ada-l
sync
ada-l moves shop#1 to "stage: release"
the next write to jira breaks off after 1 hop
sync
then   SHOP-1 is in doubt
then   SHOP-1 has In Progress
the next write to jira breaks off after 1 hop
sync
then   SHOP-1 has In Review
2 minutes pass
sync
then   we took SHOP-1 to Release
then   no conflict is open
then   nothing is in doubt
then   shop#1 has "stage: release"
then   the plan is empty
