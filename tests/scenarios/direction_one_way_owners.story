# Owners that come from jira only: nobody is given or taken there
with owners direction: jira
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
sync
grace-h assigns shop#1 to grace-h
sync
then only shop#1 was written
then SHOP-1 has ada-l
then shop#1 has ada-l
