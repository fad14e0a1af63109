"""A stand-in for one GitHub repository: its state, its JSON, its paths."""
