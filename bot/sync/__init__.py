"""Providers → ledger: pull windows, retries, the request budget and the status of sources."""
