# First contact: of two different ends neither is further
with   adopt: furthest
given  SHOP-1 = shop#1   jira: Done, ada-l   github: closed as not planned, ada-l
sync
then   the stage of SHOP-1 is in conflict
then   nothing was written
