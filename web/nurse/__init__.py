"""Pages of the nurse."""
