# A URL in an issue's text makes one task, also under an old address of the tracker
with   jira known at https://tickets.example too
given  SHOP-1   jira: In Progress, ada-l
given  SHOP-2   jira: In Review, ada-l
given  SHOP-3   jira: In Review, ada-l
given  shop#1 saying "see https://jira.example/browse/SHOP-1 first"      github: no label, ada-l
given  shop#2 saying "from https://tickets.example/browse/SHOP-2."       github: no label, ada-l
given  shop#3 saying "like https://elsewhere.example/browse/SHOP-3 is"   github: no label, ada-l
sync
then   SHOP-1 and shop#1 are one task
then   SHOP-2 and shop#2 are one task
then   SHOP-3 is a task of its own
then   shop#1 has "stage: build"
then   shop#2 has "stage: verify"
then   shop#3 has no label
