# A status that belongs to no stage is left alone
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l moves SHOP-1 to Waiting for vendor
sync
then   nothing was written
then   a finding unknown-status names SHOP-1, shop#1
then   the stage of SHOP-1 is left alone because ""Waiting for vendor" belongs to no stage"
ada-l moves SHOP-1 to In Review
sync
then   shop#1 has "stage: verify"
