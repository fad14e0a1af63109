# First contact: trackers that disagree wait for a person
# Nobody has moved yet as far as we know, so nobody may win by himself. Once they agree, it is over without a word.
given  SHOP-1 = shop#1   jira: In Progress, ada-l   github: "stage: design", ada-l
sync
then   the stage of SHOP-1 is in conflict because "first met, and they say different things (adopt: ask)"
then   nothing was written
ada-l moves shop#1 to "stage: build"
sync
then   no conflict is open
then   the plan is empty
