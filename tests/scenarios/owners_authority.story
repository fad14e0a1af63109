# Jira decides who owns a task, github shows it
with   owners authority: jira
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
alan-t assigns shop#1 to kath-j
sync
then   shop#1 has ada-l
then   the owners of shop#1 were overruled by jira, it said kath-j
then   the plan is empty
