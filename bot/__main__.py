"""``python -m bot`` is ``spend``."""

from bot.app.cli import main

if __name__ == "__main__":
    main()
