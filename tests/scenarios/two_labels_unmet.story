# Two stage labels on a task we never saw before are never guessed at
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", "stage: verify", ada-l
sync
then   a finding clashing-stage-labels names SHOP-1, shop#1
then   nothing was written
then   shop#1 has "stage: build", "stage: verify"
then   the stage of shop#1 is left alone because "two stage labels (stage: build + stage: verify), and no base that tells which is new"
