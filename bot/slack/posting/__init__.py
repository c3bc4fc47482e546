"""Posting to Slack: one payload by the Web API or a response_url, and the channels of digests and alerts."""
