"""Questionnaires: what is asked in whose published words, when, and the answers as they were given."""
