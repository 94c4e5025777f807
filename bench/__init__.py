"""Benchmarks: each measures ours and a yardstick in turn, in one run (`make bench`; see README.md)."""
