# A person who has settled a conflict may think again
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", grace-h
sync
resolve SHOP-1 --take jira --yes
then shop#1 has ada-l
undo 2 --yes
then shop#1 has grace-h
resolve SHOP-1 --take github --yes
then SHOP-1 has grace-h
then the plan is empty
