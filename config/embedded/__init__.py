"""A PostgreSQL and a Redis server of the checkout's own, from Python packages, and what `make run` starts."""
