# The latest edit is a person's: what we wrote ourselves does not count, although the store has forgotten it
with   adopt: latest
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
5 minutes pass
ada-l moves SHOP-1 to In Review
sync
then   shop#1 has "stage: verify"
5 minutes pass
grace-h moves SHOP-1 to Release
5 minutes pass
undo 2 --yes
then   shop#1 has "stage: build"
the store is lost
sync --yes
then   shop#1 was written because "latest edit: grace-h, 09:23 UTC"
then   shop#1 has "stage: release"
