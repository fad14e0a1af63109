"""Benchmarks: `make bench`, or `python -m tests.benchmarks --help`. Not part of the tests."""
