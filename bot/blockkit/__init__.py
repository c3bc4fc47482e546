"""Block Kit: building blocks and checking them against Slack's limits. Depends on nothing else of the bot."""
