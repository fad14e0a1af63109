# Asked to skip what moved, a saved plan does the rest and nothing else
given  2 tasks   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves every SHOP task to In Review
plan
grace-h moves shop#1 to "stage: release"
apply that plan --skip-stale
then   the saved plan is refused because shop#1 moved
then   only shop#2 was written
then   shop#1 has "stage: release"
then   shop#2 has "stage: verify"
