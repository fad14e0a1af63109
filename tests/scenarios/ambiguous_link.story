# Two issues claim the same task: neither is linked, neither is written
given  SHOP-1                              jira: In Progress, ada-l
given  shop#1 titled "SHOP-1: Basket"      github: "stage: design", grace-h
given  shop#2 titled "SHOP-1: Basket too"  github: no label, kath-j
sync
then   a finding ambiguous-link names SHOP-1, shop#1, shop#2
then   SHOP-1 is a task of its own
then   nothing was written
