# Who owned finished work is left as it is
given  SHOP-1 = shop#1   jira: Done, ada-l   github: closed as completed, grace-h
sync
then   nothing was written
then   the plan is empty
