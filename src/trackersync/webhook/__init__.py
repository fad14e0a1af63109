"""The webhook receiver: takes deliveries in, commits them, answers; and does nothing else before it has answered."""
