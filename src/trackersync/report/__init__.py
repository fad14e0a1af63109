"""What people and machines read: text for a terminal, JSON for programs. Pure: from an outcome to lines or data."""
