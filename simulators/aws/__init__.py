"""AWS as the adapter meets it: Cost Explorer, Budgets, Billing, Invoicing and S3, simulated."""
