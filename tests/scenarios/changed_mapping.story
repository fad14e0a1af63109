# A changed mapping is nobody's move
# And it is not written about before somebody has said yes to it.
given  SHOP-1 = shop#1   jira: In Review, ada-l   github: "stage: verify", ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l  github: "stage: build", ada-l
sync
the configuration now reads In Review as release
ada-l moves SHOP-2 to Release
sync
then   the run is held by changed mapping
then   nothing was written
then   the stage of SHOP-1 is in conflict because "met without a move, and they say different things (adopt: ask)"
sync --yes
then   only shop#2 was written
then   shop#2 has "stage: release"
then   shop#1 has "stage: verify"
then   SHOP-1 has In Review
