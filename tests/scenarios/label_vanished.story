# A stage label that vanished is not a move
given  SHOP-1 = shop#1   jira: In Review, ada-l   github: "stage: verify", ada-l
sync
ada-l takes "stage: verify" off shop#1
sync
then   nothing was written
then   the stage of shop#1 is left alone because "its stage label vanished; nothing else moved"
# The next real move puts a label on again.
ada-l moves SHOP-1 to Release
sync
then   shop#1 has "stage: release"
then   the plan is empty
