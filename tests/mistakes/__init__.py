"""What newcomers get wrong, as a table: what they did, and what the program must say of it."""
