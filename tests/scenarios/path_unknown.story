# Of a workflow that no tracker shows, each step makes the next one known
with a jira that shows only what leaves the status an item is in
given  SHOP-1 = shop#1   jira: Design, ada-l   github: "stage: design", ada-l
sync
ada-l moves shop#1 to "stage: release"
sync
then   we took SHOP-1 to In Progress
then   shop#1 has "stage: release"
sync
then   we took SHOP-1 to In Review
sync
then   we took SHOP-1 to Release
then   shop#1 has "stage: release"
then   the plan is empty
then   no conflict is open
sync
then   nothing was written
