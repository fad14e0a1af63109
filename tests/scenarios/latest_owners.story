# A task handed to two people at once goes to whom it was given last
with   owners authority: latest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l assigns SHOP-1 to grace-h
3 minutes pass
alan-t assigns shop#1 to kath-j
sync
then   SHOP-1 was written because "latest edit: alan-t, 09:15 UTC"
then   SHOP-1 has kath-j
then   shop#1 has kath-j
then   the owners of SHOP-1 were overruled by latest, it said grace-h
then   the plan is empty
# Taking a person off is an edit like another.
ada-l assigns shop#1 to ada-l
3 minutes pass
grace-h assigns SHOP-1 to nobody
sync
then   shop#1 has nobody
then   the plan is empty
