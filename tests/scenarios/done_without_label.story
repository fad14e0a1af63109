# Done in jira while github never had a label
given  SHOP-1 = shop#1   jira: Done, ada-l   github: no label, ada-l
sync
then   shop#1 has no label, closed as completed
then   the plan is empty
