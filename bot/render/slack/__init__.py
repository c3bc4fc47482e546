"""Answers, digests and alerts drawn as Block Kit. Pure: values in, messages out."""
