# A field that is off is neither written nor asked about; the other goes on
with owners direction: off
given SHOP-1 = shop#1 jira: In Progress, ada-l github: "stage: build", grace-h
sync
then no conflict is open
then the plan is empty
then a finding owners-disagree names SHOP-1, shop#1
alan-t moves SHOP-1 to In Review
sync
then only shop#1 was written
then shop#1 has "stage: verify", grace-h
