# Two items that nothing in their texts joins, linked by a person
given SHOP-1 titled "Gift cards" jira: In Progress, ada-l
given shop#1 titled "Vouchers" github: "stage: build"
sync
then SHOP-1 is a task of its own
link SHOP-1 shop#1
sync
then SHOP-1 and shop#1 are one task
then only shop#1 was written
then shop#1 has ada-l
