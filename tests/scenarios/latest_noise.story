# Labels that are nobody's business and words for the same stage are no edits of the stage
with   authority: latest
given  SHOP-1 = shop#1   jira: To Do, ada-l   github: no label, ada-l
sync
grace-h moves shop#1 to "stage: build"
5 minutes pass
ada-l moves SHOP-1 to In Review
5 minutes pass
grace-h adds "bug" to shop#1
alan-t assigns shop#1 to alan-t
sync
then   shop#1 was written because "latest edit: ada-l, 09:17 UTC"
then   shop#1 has "bug", "stage: verify"
then   the plan is empty
