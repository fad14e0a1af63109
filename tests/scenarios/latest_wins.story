# Two people move the same task: the latest edit decides, and the other is shown as overruled
with   authority: latest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
grace-h moves shop#2 to "stage: design"
7 minutes pass
grace-h moves shop#1 to "stage: release"
ada-l moves SHOP-2 to In Review
sync
then   SHOP-1 was written because "latest edit: grace-h, 09:19 UTC"
then   SHOP-1 has Release
then   the stage of SHOP-1 was overruled by latest, it said verify (In Review)
then   shop#2 was written because "latest edit: ada-l, 09:19 UTC"
then   shop#2 has "stage: verify"
then   the stage of shop#2 was overruled by latest, it said design (stage: design)
then   no conflict is open
then   the plan is empty
