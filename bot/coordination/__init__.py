"""Coordination of replicas that share a ledger: leases and exactly-once posting."""
