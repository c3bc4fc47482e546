"""How the bot hears and speaks in Slack: listeners, home, modals, access; blocks draws an Answer and is pure."""
