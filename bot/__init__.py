"""What a team spends on clouds and models, and why, answered in Slack."""
