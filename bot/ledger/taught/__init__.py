"""What people teach the bot: names of their own, and sentences that it read wrongly or not at all."""
