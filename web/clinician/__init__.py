"""Pages of the prescriber."""
