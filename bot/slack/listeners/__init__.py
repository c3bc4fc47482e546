"""What people send: commands, mentions, messages, button presses, option menus, App Home."""
