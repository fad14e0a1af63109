"""Screens: what was looked at, the verdict, what proves it, and the command to type next."""
