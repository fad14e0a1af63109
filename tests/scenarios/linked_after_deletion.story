# The place of an item that was deleted is free for another one
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
given shop#2 titled "Vouchers" github: "stage: build"
sync
grace-h deletes shop#1
sync --full
link SHOP-1 shop#2
sync
then SHOP-1 and shop#2 are one task
then only shop#2 was written
then shop#2 has ada-l
