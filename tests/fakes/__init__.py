"""Servers that stand in for the outside world, each with a ledger of its own."""
