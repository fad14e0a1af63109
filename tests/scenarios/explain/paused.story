# Explained: a task that people keep to themselves for a while
given  SHOP-1 titled "Gift wrapping as an option"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Gift wrapping as an option" github: "stage: build", ada-l
sync
6 hours pass
pause SHOP-1 saying "demo for the board until Friday"
1 hours pass
ada-l moves SHOP-1 to In Review
10 minutes pass
sync
then   nothing was written
1 days pass
then   explain SHOP-1 is as in paused
resume SHOP-1
10 minutes pass
sync
then   shop#1 has "stage: verify"
then   explain SHOP-1 is as in resumed
