"""FOCUS files: into the ledger and out of it."""
