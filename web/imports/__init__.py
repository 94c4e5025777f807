"""Patients from files of other systems: FHIR R4 (NDJSON, Bundle) and CSV."""
