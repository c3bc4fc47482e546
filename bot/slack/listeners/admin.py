"""What admins look after: reports of wrong numbers, and the audit log."""

from __future__ import annotations

from slack_bolt import App
from slack_sdk import WebClient

from bot.blockkit.build import Message, button, header, mention, paragraph, rich_text, run, small
from bot.coordination.store import Stored
from bot.domain.errors import Unavailable
from bot.render.slack import plain_message
from bot.slack.context import AppContext, Body, destination_of
from bot.slack.deduplication import deduplicated
from bot.slack.delivery import Destination, FileUpload, Undeliverable

_MAX_REPORTS = 10


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners, and the commands ``reports`` and ``audit``."""
    context.exact_commands["reports"] = lambda destination, _trigger: show_reports(context, destination)
    context.exact_commands["audit"] = lambda destination, _trigger: send_audit_log(context, destination)
    app.action("reports")(deduplicated(context, on_reports))
    app.action("report_done")(deduplicated(context, on_report_done))
    app.action("audit")(deduplicated(context, on_audit))


def open_reports(context: AppContext, team: str) -> list[tuple[str, Stored]]:
    """The reports of wrong numbers that nobody has dealt with, newest first, each with its key."""
    reports = context.memory.all("report")
    return [(key, reports[key]) for key in sorted(reports, reverse=True) if reports[key].get("team") == team]


def show_reports(context: AppContext, destination: Destination) -> None:
    """Shows the newest reports, to admins.

    Raises:
        AccessDenied: the person is none.
    """
    context.admin(destination)
    reports = open_reports(context, destination.team)
    if not reports:
        context.delivery.reply(destination, plain_message.sentence("Nobody has reported a wrong number."))
        return
    title = f"{len(reports)} reported {'number' if len(reports) == 1 else 'numbers'}"
    blocks = [header(title)]
    for key, report in reports[:_MAX_REPORTS]:
        blocks.append(rich_text(mention(str(report["user"])), run(f" reported on {str(report['at'])[:16]} UTC:")))
        blocks.append(paragraph(str(report["note"]), button("Done", "report_done", key)))
        blocks += small(f"{report['read_as']}: {report['text']}")
    context.delivery.reply(destination, Message(title, blocks))


def on_reports(context: AppContext, body: Body, client: WebClient) -> None:
    """Shows the reports from a button."""
    show_reports(context, destination_of(body, client))


def on_report_done(context: AppContext, body: Body, client: WebClient) -> None:
    """Closes a report."""
    destination = destination_of(body, client)
    context.admin(destination)
    key = str(body["actions"][0]["value"])
    report = context.memory.get("report", key)
    if report and report.get("team") == destination.team:
        context.memory.forget("report", key)
        question = str(report.get("read_as"))
        context.audit.note(destination.team, destination.user, "settled report", question=question)
    context.delivery.reply(destination, plain_message.sentence("The report is closed."))


def send_audit_log(context: AppContext, destination: Destination) -> None:
    """Sends the audit log as a file, to an admin alone.

    Raises:
        AccessDenied: the person is none.
        Unavailable: Slack rejected the file.
    """
    context.admin(destination)
    context.audit.note(destination.team, destination.user, "exported audit log")
    private = Destination(
        destination.client, destination.team, user=destination.user, response_url=destination.response_url
    )
    file = FileUpload(
        "audit.csv",
        context.audit.as_csv(destination.team),
        title="Audit log",
        comment="Who asked what, and from where.",
    )
    try:
        context.delivery.upload(private, file)
    except Undeliverable as error:
        raise Unavailable("Slack rejected the file.", error.remedy) from error
    context.delivery.reply(destination, plain_message.sentence("The audit log is in your direct messages with me."))


def on_audit(context: AppContext, body: Body, client: WebClient) -> None:
    """Sends the log from a button."""
    send_audit_log(context, destination_of(body, client))
