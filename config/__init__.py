"""Wiring: settings, URLs, Celery, the servers of the embedded mode, and what the make targets run."""
