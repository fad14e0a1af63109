# Explained: an automation that sets back what we write, each time
with   authority: jira
given  SHOP-1 titled "Postcode check refuses Northern Ireland"         jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Postcode check refuses Northern Ireland" github: "stage: build", ada-l
sync
3 hours pass
ada-l moves SHOP-1 to In Review
sync
an automation sets shop#1 back to "stage: build"
15 minutes pass
sync
an automation sets shop#1 back to "stage: build"
15 minutes pass
sync
an automation sets shop#1 back to "stage: build"
15 minutes pass
sync
then   nothing was written
then   explain SHOP-1 is as in quarrel
1 hours pass
resume SHOP-1
sync
then   shop#1 has "stage: verify"
then   explain SHOP-1 is as in quarrel_over
