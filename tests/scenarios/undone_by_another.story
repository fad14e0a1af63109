# An automation sets back what we write, each time: after three times we stop, and say so
with stage authority: jira
given SHOP-1 = shop#1 jira: In Progress github: "stage: build"
sync
ada-l moves SHOP-1 to In Review
sync
then shop#1 has "stage: verify"
an automation sets shop#1 back to "stage: build"
sync
then shop#1 has "stage: verify"
an automation sets shop#1 back to "stage: build"
sync
then shop#1 has "stage: verify"
an automation sets shop#1 back to "stage: build"
sync
then nothing was written
then a finding undone-by-another names shop#1, SHOP-1
then the stage of shop#1 is left alone because "written 3 times and undone by another each time; `resume` tries it again"
sync
then nothing was written
# Somebody has changed the rule, and says so.
resume SHOP-1
sync
then only shop#1 was written
then shop#1 has "stage: verify"
