# A tracker that is not to be written is never written
with   jira writes: nothing
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves shop#1 to "stage: verify"
sync
then   nothing was written
then   the stage of SHOP-1 is left alone because "jira is not written: its `writes` does not name stage"
# It still says where work is.
grace-h moves SHOP-1 to In Review
sync
then   the plan is empty
grace-h moves SHOP-1 to Release
sync
then   shop#1 has "stage: release"
