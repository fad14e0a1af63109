# An owner whom only a verified e-mail tells is kept in step
# Jira Cloud shows the address of an account whose owner has confirmed it; the configuration has the same address.
with   ada-l known to jira by a verified e-mail only
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: build", nobody
sync
sync
then   shop#1 has ada-l
ada-l assigns shop#1 to grace-h
sync
then   SHOP-1 has grace-h
grace-h assigns shop#1 to ada-l
sync
then   SHOP-1 has ada-l
then   the plan is empty
