"""A stand-in for one Jira site, answering as Cloud and as Data Center: its state, its JQL, its JSON, its paths."""
