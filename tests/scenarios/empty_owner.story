# An empty owner is filled from the other tracker
# Nothing is taken from anyone by it, so it happens even where first contact asks.
given  SHOP-1 = shop#1   jira: In Progress, nobody   github: "stage: build", grace-h
given  SHOP-2 = shop#2   jira: In Progress, ada-l    github: "stage: build", nobody
sync
then   SHOP-1 has grace-h
then   shop#2 has ada-l
then   the plan is empty
