# A named authority takes a move back, and says whose
with   authority: jira
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
grace-h moves shop#1 to "stage: release"
sync
then   shop#1 has "stage: build"
then   the stage of shop#1 was overruled by jira, it said release (stage: release)
then   the plan is empty
