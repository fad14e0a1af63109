# A field that goes one way, from jira: github follows, and is never followed
# Without a direction the same edit on github would be carried to jira.
with stage direction: jira
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
grace-h moves shop#1 to "stage: verify"
sync
then SHOP-1 has In Progress
then shop#1 has "stage: build"
then the stage of shop#1 was overruled by jira, it said verify (stage: verify)
ada-l moves SHOP-1 to In Review
sync
then only shop#1 was written
then shop#1 has "stage: verify"
