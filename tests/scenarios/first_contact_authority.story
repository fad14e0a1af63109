# First contact: the named tracker decides, and what it took back is what the other showed
with   authority: jira
with   adopt: authority
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: release", "bug", ada-l
sync
then   shop#1 has "stage: build", "bug"
then   SHOP-1 has In Progress
then   the plan is empty
