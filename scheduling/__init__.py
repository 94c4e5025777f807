"""Booking series of infusions within a signed order. Knows nothing of messages."""
