"""Benchmarks: the application against a bare floor over the same database, in the same run."""
