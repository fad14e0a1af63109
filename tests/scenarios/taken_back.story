# A run that is taken back: what it wrote is as before, and the next runs do not write it again
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to In Review
sync
then shop#1 has "stage: verify"
undo 2 --yes
then only shop#1 was written
then shop#1 has "stage: build"
sync
then nothing was written
then the stage of SHOP-1 is left alone because "run 2 was taken back; it goes on when somebody moves it, or with `resume`"
# A move afterwards goes its usual way.
ada-l moves SHOP-1 to Release
sync
then shop#1 has "stage: release"
then the plan is empty
