# Two trackers that name different people for one task wait for a person
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", grace-h
sync
then   the owners of SHOP-1 are in conflict
then   a finding owners-disagree names SHOP-1, shop#1
then   nothing was written
grace-h assigns SHOP-1 to grace-h
sync
then   no conflict is open
then   the plan is empty
