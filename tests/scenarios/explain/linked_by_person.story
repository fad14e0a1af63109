# Explained: two items that a person linked
given  SHOP-1 titled "Gift cards" jira: In Progress, ada-l
given  shop#1 titled "Vouchers"   github: "stage: build", nobody
sync
2 hours pass
link SHOP-1 shop#1
5 minutes pass
sync
then   shop#1 has ada-l
then   explain shop#1 is as in linked_by_person
