"""Pages of patients: public, by a link."""
