"""The pure part: values, and functions that decide. No I/O, no clock, no randomness, no logging."""
