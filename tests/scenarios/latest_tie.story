# Two edits at the same moment: neither is the latest, so people decide
# One tracker counts whole seconds: within one, nobody knows which came first.
with   authority: latest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
grace-h moves shop#1 to "stage: release"
sync
then   the stage of SHOP-1 is in conflict because "jira and github both moved since they last agreed, at the same moment (authority: latest)"
then   nothing was written
# There and back again is an edit, and an older history says nothing of it.
1 minute passes
grace-h moves shop#1 to "stage: design"
1 minute passes
grace-h moves shop#1 to "stage: release"
the history of github cannot be read 1 time
sync
then   the stage of SHOP-1 is in conflict because "jira and github both moved since they last agreed, and no history tells when in github (authority: latest)"
# Once it is told, the later edit breaks the tie.
sync
then   SHOP-1 has Release
then   no conflict is open
