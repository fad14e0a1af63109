# Somebody nobody knows never clears or replaces an owner
given  SHOP-1 = shop#1   jira: In Progress, stranger guest-9   github: "stage: build", ada-l
sync
then   the owners of SHOP-1 are left alone because "its owner guest-9 is nobody we know: add the account to people"
then   SHOP-1 has stranger guest-9
then   shop#1 has ada-l
given  SHOP-2 = shop#2   jira: In Progress, ada-l   github: "stage: build", ada-l
sync
ada-l assigns SHOP-2 to stranger guest-9
sync
then   nothing was written
then   shop#2 has ada-l
then   SHOP-2 has stranger guest-9
