# First contact has a limit of its own
with   limit adoptions: 1
given  2 tasks   jira: In Progress, ada-l   github: no label, ada-l
sync --yes
then   the run is held by limits.adoptions
sync --approve
then   only shop#1, shop#2 were written
