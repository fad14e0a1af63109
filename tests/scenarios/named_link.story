# A link the configuration names settles what the texts leave open
with   link: SHOP-1 = shop#2
given  SHOP-1                              jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Basket"      github: "stage: design", grace-h
given  shop#2 titled "SHOP-1: Basket too"  github: no label, ada-l
sync
then   SHOP-1 and shop#2 are one task
then   shop#1 is a task of its own
then   only shop#2 was written
then   shop#2 has "stage: build"
