"""Pages of whoever runs the clinic: who and what is there, and when."""
