"""What people create in Slack under a name: budgets, digests, alert rules, access rules."""
