# Explained: a task moves on, and the other tracker follows
given  SHOP-1 titled "Checkout rejects gift cards above 100 EUR"         jira: In Progress, ada-l
3 hours pass
given  shop#1 titled "SHOP-1: Checkout rejects gift cards above 100 EUR" github: "stage: build", "bug", ada-l
sync
26 hours pass
ada-l moves SHOP-1 to In Review
5 minutes pass
grace-h adds "urgent" to shop#1
sync
2 hours pass
ada-l assigns SHOP-1 to alan-t
sync
then   shop#1 has "stage: verify", "bug", "urgent", alan-t
20 hours pass
then   explain SHOP-1 is as in plain
