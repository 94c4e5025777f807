"""`python -m bench [NAME ...]`: runs the benchmarks, prints the table, writes results.json."""

from __future__ import annotations

import sys

from bench.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
