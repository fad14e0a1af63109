# Two people move the same task
# Neither move is lost: both stay as they are until somebody decides, in either tracker.
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
grace-h moves shop#1 to "stage: release"
sync
then   the stage of SHOP-1 is in conflict because "jira and github both moved since they last agreed"
then   nothing was written
then   SHOP-1 has In Review
then   shop#1 has "stage: release"
sync
then   the stage of SHOP-1 is in conflict
ada-l moves SHOP-1 to Release
sync
then   no conflict is open
then   nothing was written
then   the plan is empty
ada-l moves SHOP-1 to Done
sync
then   shop#1 has closed as completed
