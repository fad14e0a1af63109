# An owner who was taken off is taken off everywhere
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l assigns SHOP-1 to nobody
sync
then   shop#1 has nobody
then   a finding no-owner names SHOP-1, shop#1
then   the plan is empty
