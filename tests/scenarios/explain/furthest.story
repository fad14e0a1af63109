# Explained: two issues that never met, one of them further
with   adopt: furthest
given  SHOP-1 titled "Refund e-mail shows the wrong currency"     jira: In Progress, ada-l
1 days pass
given  shop#1 titled "Refund e-mail: wrong currency" saying "See https://jira.example/browse/SHOP-1" github: "stage: verify", nobody
2 hours pass
sync
then   SHOP-1 has In Review
then   shop#1 has ada-l
1 hours pass
then   explain shop#1 is as in furthest
