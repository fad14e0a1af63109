"""One file for each revision, numbered; the last one's number is ``schema.HEAD``."""
