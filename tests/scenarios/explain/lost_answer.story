# Explained: a write whose answer was lost
given  SHOP-1 titled "Card payments time out"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Card payments time out" github: "stage: build", ada-l
sync
3 hours pass
ada-l moves SHOP-1 to In Review
10 minutes pass
the next answer to a write in github is lost
sync
then   shop#1 is in doubt
then   explain SHOP-1 is as in lost_answer_before
15 minutes pass
sync
then   nothing is in doubt
1 hours pass
then   explain SHOP-1 is as in lost_answer
