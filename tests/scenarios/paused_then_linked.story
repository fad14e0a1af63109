# A task that was paused stays so when it is linked, until somebody says resume
given SHOP-1 titled "Gift cards" jira: In Progress, ada-l
given shop#1 titled "Vouchers" github: "stage: build"
sync
pause SHOP-1
link SHOP-1 shop#1
sync
then nothing was written
then the owners of shop#1 are left alone because "the task is paused"
resume shop#1
sync
then only shop#1 was written
then shop#1 has ada-l
