"""Block Kit: building Slack's blocks, and checking them against every limit that Slack documents. Usable by itself.

``build`` makes blocks, elements and text objects, escaped and cut to Slack's lengths; ``validate`` says what Slack
would refuse in a message, a modal or a home view, with a JSON pointer to each place; ``schema/*.toml`` holds the rules
as data, one table a block, with their sources, and ``notation`` is their interpreter::

    from bot.blockkit.build import header, section
    from bot.blockkit.validate import check_message

    for problem in check_message({"text": "Hello", "blocks": [header("Hello"), section("*World*")]}):
        print(problem)  # "must be less than 151 characters, has 200 [json-pointer:/blocks/0/text/text]"

A new block of Slack's is one table in ``schema/blocks.toml``. Nothing here knows the rest of the bot, and it needs
nothing outside the standard library. Names that come from bills and people go into plain text (``plain``,
``paragraph``, ``rich_text``), where no character of theirs is markup; mrkdwn is for our own words.
"""
