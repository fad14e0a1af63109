# The latest edit is asked for, and a tracker does not tell: people decide, and the run goes on
with   authority: latest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
ada-l moves SHOP-2 to In Review
7 minutes pass
grace-h moves shop#1 to "stage: release"
the history of github cannot be read 2 times
sync
then   the stage of SHOP-1 is in conflict because "jira and github both moved since they last agreed, and no history tells when in github (authority: latest)"
then   SHOP-1 has In Review
then   shop#1 has "stage: release"
# What one side alone has moved takes no times.
then   shop#2 has "stage: verify"
# It is asked again in the next run.
sync
then   SHOP-1 has Release
then   no conflict is open
# What was read before is of no use once the item has moved on.
ada-l moves SHOP-1 to In Review
5 minutes pass
grace-h moves shop#1 to "stage: build"
the history of github cannot be read 2 times
sync
then   the stage of SHOP-1 is in conflict
then   nothing was written
