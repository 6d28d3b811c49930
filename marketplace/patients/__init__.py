"""Patients: identity under seal, handling needs, coverage, authorizations with units, encounters."""
