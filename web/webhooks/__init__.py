"""Where providers report: each request proves itself by its signature, is stored, and gets its answer at once."""
