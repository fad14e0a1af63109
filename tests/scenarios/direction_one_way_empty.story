# The tracker a field comes from is never written, not even where it names nobody
with owners direction: jira
given SHOP-1 = shop#1 jira: In Progress, nobody github: "stage: build", grace-h
sync
then nothing was written
then SHOP-1 has nobody
then the owners of SHOP-1 are left alone because "owners goes one way, from jira"
