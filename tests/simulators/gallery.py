"""One of every block that a message may carry, for the page's test and for looking at."""

DAYS = [f"Nov {day}" for day in range(9, 23)]
COSTS = (31, 42, 40, 44, 43, 25, 24, 45, 47, 46, 120, 118, 122, 48)
SERVICES = (
    ("Amazon EC2", 18201.2, 19003.1),
    ("Amazon S3", 815.86, 830.0),
    ("Amazon SageMaker", 210.0, 4310.5),
    ("Amazon RDS", 2301.0, 2299.0),
    ("AWS Lambda", 45.2, 51.1),
    ("Amazon Bedrock", 12.0, 990.4),
    ("Amazon CloudWatch", 350.0, 361.0),
)


def plain(text):
    """Plain text."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    """Marked-up text."""
    return {"type": "mrkdwn", "text": text}


def button(text, action, **more):
    """A button."""
    return {"type": "button", "text": plain(text), "action_id": action, **more}


def option(text):
    """A choice."""
    return {"text": plain(text), "value": text.lower()}


def raw(text):
    """A cell of text."""
    return {"type": "raw_text", "text": text}


def dollars(value):
    """A cell of money."""
    return {"type": "raw_number", "value": value, "text": f"${value:,.2f}"}


def chart(kind, title, **scales):
    """A chart over two weeks, a series for each name."""
    series = [
        {"name": name, "data": [{"label": day, "value": cost * scale} for day, cost in zip(DAYS, COSTS, strict=True)]}
        for name, scale in scales.items()
    ]
    axes = {"categories": DAYS, "x_label": "Day (UTC)", "y_label": "USD"}
    return {
        "type": "data_visualization",
        "title": title,
        "chart": {"type": kind, "series": series, "axis_config": axes},
    }


PIE = {
    "type": "data_visualization",
    "title": "Share by provider",
    "chart": {
        "type": "pie",
        "segments": [
            {"label": name, "value": value}
            for name, value in (("AWS", 31004), ("Google Cloud", 9820), ("OpenAI", 4100), ("Anthropic", 3400))
        ],
    },
}
DATA_TABLE = {
    "type": "data_table",
    "caption": "By service, USD",
    "page_size": 5,
    "rows": [
        [raw("Service"), raw("Before"), raw("Now")],
        *([raw(name), dollars(before), dollars(now)] for name, before, now in SERVICES),
    ],
}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Bold", "style": {"bold": True}},
                {"type": "text", "text": " and "},
                {"type": "user", "user_id": "U0MEI"},
                {"type": "emoji", "name": "rocket"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a point"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "SELECT 1"}]},
    ],
}
FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": plain("Good answer"), "value": "good"},
            "negative_button": {"text": plain("Report a wrong number"), "value": "bad"},
        },
        {"type": "icon_button", "icon": "trash", "text": plain("Dismiss"), "action_id": "dismiss", "value": "x"},
    ],
}
ACTIONS = {
    "type": "actions",
    "elements": [
        button("By day", "by_day", value="q", style="primary"),
        button("Why?", "why"),
        {
            "type": "static_select",
            "action_id": "by",
            "placeholder": plain("Break down by…"),
            "options": [option("Account"), option("Region")],
        },
        {"type": "datepicker", "action_id": "since", "initial_date": "2026-11-09"},
        {"type": "overflow", "action_id": "more", "options": [option("Share"), option("Schedule")]},
    ],
}
ANSWER = [
    {"type": "header", "text": plain("$27,845.10 last week, up 12.3 %")},
    {
        "type": "section",
        "text": mrkdwn("*AWS* rose by `$3,950` because of _SageMaker_ :chart_with_upwards_trend: <@U0MEI> <#C0COSTS>"),
    },
    {"type": "context", "elements": [mrkdwn("AWS · by service · 9–15 Nov 2026 · billed cost, net of credits")]},
    chart("bar", "Daily spend by provider", AWS=30, OpenAI=9),
    DATA_TABLE,
    ACTIONS,
    FEEDBACK,
]
REST = [
    chart("line", "Trend", AWS=30, GCP=14),
    chart("area", "Credits", net=1, credits=-0.4),
    {
        "type": "table",
        "column_settings": [{"is_wrapped": True}, {"align": "right"}],
        "rows": [[raw("Service"), raw("Oct")], [raw("EC2"), dollars(18201.2)]],
    },
    {"type": "section", "fields": [mrkdwn("*Forecast*\n$61,900"), mrkdwn("*Budget*\n78 %")]},
    {"type": "section", "text": mrkdwn("With an accessory"), "accessory": button("Open", "open")},
    {"type": "divider"},
    {
        "type": "markdown",
        "text": "## Why\n\n**SageMaker** ran\n\n- one\n- [two](https://example.com)\n\n| a | b |\n|--|--:|\n| x | 12 |",
    },
    RICH,
    {
        "type": "card",
        "title": mrkdwn("*EC2 spike*"),
        "body": mrkdwn("On for 3 days"),
        "actions": [button("Look", "look")],
    },
    {"type": "carousel", "elements": [{"type": "card", "title": mrkdwn(f"Card {one}")} for one in range(4)]},
    {
        "type": "container",
        "title": plain("How this was computed"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [{"type": "section", "text": mrkdwn("Two feeds, no requests")}],
    },
    {
        "type": "plan",
        "title": "Answering",
        "tasks": [
            {"task_id": "1", "title": "Read the ledger", "status": "complete"},
            {"task_id": "2", "title": "Compare", "status": "in_progress"},
        ],
    },
    {"type": "task_card", "task_id": "3", "title": "Fetch", "status": "error"},
]
"""What ``ANSWER`` leaves out, apart from pictures, which would be fetched from elsewhere."""
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Change the question"),
    "submit": plain("Ask"),
    "blocks": [
        {"type": "alert", "level": "warning", "text": mrkdwn("The budget is at 92 %")},
        {
            "type": "input",
            "block_id": "words",
            "label": plain("Words"),
            "element": {"type": "plain_text_input", "action_id": "words"},
        },
        {
            "type": "input",
            "block_id": "by",
            "label": plain("Break down by"),
            "element": {"type": "static_select", "action_id": "by", "options": [option("Service"), option("Account")]},
        },
        {
            "type": "input",
            "block_id": "only",
            "label": plain("Only"),
            "optional": True,
            "element": {"type": "multi_external_select", "action_id": "only", "min_query_length": 0},
        },
        {
            "type": "input",
            "block_id": "charges",
            "label": plain("Charges"),
            "element": {
                "type": "radio_buttons",
                "action_id": "charges",
                "options": [option("Net"), option("Gross")],
                "initial_option": option("Net"),
            },
        },
    ],
}
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Month to date: $48,210")},
        REST[3],
        {"type": "divider"},
        PIE,
        {
            "type": "actions",
            "elements": [button("New digest", "digest", style="primary"), button("Settings", "settings")],
        },
    ],
}
