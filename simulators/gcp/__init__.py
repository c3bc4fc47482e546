"""Google Cloud as the adapter meets it: BigQuery, the price catalog and budgets, simulated."""
