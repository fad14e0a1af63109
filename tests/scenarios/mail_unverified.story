# An e-mail that nobody vouches for is never acted on
# On a Data Center anybody may write any address; it is proposed by `trackersync people`, and that is all.
with   ada-l known to jira by an unverified e-mail only
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", nobody
given  SHOP-2 = shop#2   jira: In Progress, nobody   github: "stage: build", ada-l
given  SHOP-3 = shop#3   jira: In Progress, grace-h   github: "stage: build", grace-h
sync
sync
grace-h assigns SHOP-3 to ada-l
sync
then   nothing was written
then   the owners of SHOP-3 are left alone because "its owner id-ada-l is nobody we know: add the account to people"
then   shop#1 has nobody
then   SHOP-2 has nobody
then   shop#3 has grace-h
