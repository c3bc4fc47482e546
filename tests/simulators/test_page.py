"""The page of the simulated workspace, used in a real browser as a newcomer would."""

import chromium
import pytest
from gallery import ANSWER, FORM, HOME, PIE, REST, option
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.blockkit.validate import blocks_of
from simulators.slack import ADMIN, APP_TOKEN, BOT_TOKEN, MEMBER, Workspace

pytestmark = pytest.mark.skipif(
    chromium.find() is None, reason="no Chromium here: scripts/browser.sh installs Debian's, then this runs too"
)
CHANNEL = "textarea[data-composer=channel]"


def build(client):
    """An app that answers with a bit of everything."""
    app = App(client=client)

    @app.command("/spend")
    def _command(ack, respond, command):
        ack("Working…")
        respond(text="answer", blocks=ANSWER, replace_original=True) if command["text"] else respond("Ask me something")

    @app.action("by_day")
    def _open(ack, body, client):
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("by")
    def _by(ack, body, respond):
        ack()
        respond(text=f"By {body['actions'][0]['selected_option']['value']} then", replace_original=False)

    @app.options("only")
    def _options(ack, payload):
        ack(options=[option(f"Amazon {payload['value'] or 'anything'}")])

    @app.view("form")
    def _form(ack, view, body, client):
        values = view["state"]["values"]
        words = values["words"]["words"]["value"]
        if words == "bad":
            ack(response_action="errors", errors={"words": "I know no service like that."})
            return
        ack()
        result = [one["value"] for one in values["only"]["only"]["selected_options"]]
        by, charges = values["by"]["by"]["selected_option"], values["charges"]["charges"]["selected_option"]
        client.chat_postMessage(channel="C0COSTS", text=f"{words} | {by['value']} | {result} | {charges['value']}")

    @app.event("app_mention")
    def _mention(set_status, say_stream):
        set_status("is looking")
        stream = say_stream()
        stream.append(markdown_text="**Because** SageMaker ran. " * 20)
        stream.stop(blocks=[PIE])

    @app.event("app_home_opened")
    def _home(event, client):
        client.views_publish(user_id=event["user"], view=HOME)

    return app


@pytest.fixture(scope="module")
def ws():
    with Workspace() as workspace:
        client = WebClient(token=BOT_TOKEN, base_url=workspace.api_url)
        handler = SocketModeHandler(build(client), APP_TOKEN, web_client=client, ping_interval=1)
        handler.connect()
        workspace.wait_connected()
        yield workspace
        handler.close()


@pytest.fixture(scope="module")
def tab():
    with chromium.Browser() as browser:
        yield browser


@pytest.fixture
def page(ws, tab):
    """The tab on #cloud-costs as a member; afterwards the page has neither complained nor looked elsewhere."""
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(f"{ws.url}/?theme=light&user={MEMBER}&channel=C0COSTS")
    yield tab
    elsewhere = [one for one in tab.requests if not one.startswith((ws.url, "data:"))]
    assert (tab.complaints, elsewhere) == ([], [])


def count(page, selector):
    """How many elements match."""
    return page.js(f"document.querySelectorAll({selector!r}).length")


def test_a_newcomer_types_a_command_and_reads_the_answer(page):
    """Typing / offers the command; the answer is drawn with chart, table and buttons, for the asker only."""
    page.click(CHANNEL)
    page.type("/")
    page.see("Ask what you spend, and why")
    page.key("Enter")
    assert page.js(f"document.querySelector('{CHANNEL}').value") == "/spend "
    page.type("last week by service")
    page.key("Enter")
    page.see("$27,845.10 last week, up 12.3 %")
    page.see("Only visible to you")
    assert count(page, ".ephemeral .chart svg rect[fill]") == 28
    assert count(page, ".ephemeral .data-table tbody tr") == 5
    assert page.js("document.querySelector('.ephemeral .mention').textContent") == "@Mei Lin"
    assert "Working…" not in page.js("document.body.innerText")


def test_a_suggestion_fills_the_composer(page):
    """What to try stands above the composer and is put into it by a click."""
    page.click(".suggestion")
    assert page.js(f"document.querySelector('{CHANNEL}').value") == "/spend last week by service"


def test_charts_and_tables_can_be_worked_with(page, ws):
    """A chart tells its numbers when pointed at and as a table; a data table sorts and turns pages."""
    WebClient(BOT_TOKEN, base_url=ws.api_url).chat_postMessage(channel="C0COSTS", text="x", blocks=ANSWER)
    page.wait("document.querySelectorAll('article:not(.ephemeral) .chart').length")
    page.js("document.querySelectorAll('.chart .zone')[10].dispatchEvent(new PointerEvent('pointerenter'))")
    assert page.js("document.querySelector('.tip:not([hidden])').innerText").split() == [
        "Nov",
        "19",
        "AWS",
        "3,600",
        "OpenAI",
        "1,080",
    ]
    page.click("article:not(.ephemeral) .chart button")
    assert page.js("document.querySelector('article:not(.ephemeral) .chart-table td.to-right').textContent") == "930"
    table = "article:not(.ephemeral) .data-table"
    page.click(f"{table} th:nth-child(3) button")
    assert page.js(f"document.querySelector('{table} tbody th').textContent") == "Amazon EC2"
    page.click(f"{table} th:nth-child(3) button")
    assert page.js(f"document.querySelector('{table} tbody th').textContent") == "AWS Lambda"
    page.click(f"{table} [aria-label='Next page']")
    assert page.js(f"document.querySelector('{table} .pager').innerText").startswith("6–7 of 7")


def test_every_block_is_drawn(page, ws):
    """The page can draw every block that a message may carry."""
    blocks = [*ANSWER, *REST]
    image = {"type": "image", "image_url": f"{ws.url}/icon.svg", "alt_text": "an icon"}
    field = {"type": "input", "label": {"type": "plain_text", "text": "F"}, "element": {"type": "plain_text_input"}}
    result = {one["type"] for one in (*blocks, image, field)}
    assert blocks_of("message") - result == {"video"}
    client = WebClient(BOT_TOKEN, base_url=ws.api_url)
    client.chat_postMessage(channel="C0COSTS", text="rest", blocks=REST)
    client.chat_postMessage(channel="C0COSTS", text="more", blocks=[PIE, image, field])
    page.wait("document.querySelectorAll('.slice').length === 4")
    assert page.js("[...document.querySelectorAll('.unknown')].map(e => e.textContent)") == []
    for kind in result:
        assert page.js(
            f"[...document.querySelectorAll('.is-{kind}')].some(e => e.getBoundingClientRect().height > 0)"
        ), kind


def test_a_modal_is_filled_in(page, ws):
    """A button opens a modal; wrong fields are shown where they are; what is submitted reaches the app."""
    ts = WebClient(BOT_TOKEN, base_url=ws.api_url).chat_postMessage(channel="C0COSTS", text="x", blocks=ANSWER)["ts"]
    page.click(f'[data-ts="{ts}"] button[data-action=by_day]')
    page.see("Change the question")
    page.click("dialog button[type=submit]")
    page.see("Please complete this required field.")
    page.click("dialog input[data-action=words]")
    page.type("bad")
    page.js(
        "(e => { e.value = 'account'; e.dispatchEvent(new Event('change')); })"
        "(document.querySelector('dialog select[data-action=by]'))"
    )
    page.click("dialog button[type=submit]")
    page.see("I know no service like that.")
    page.js("document.querySelector('dialog input[data-action=words]').select()")
    page.type("good")
    page.click("dialog input[data-action=only]")
    page.type("S3")
    page.wait("document.querySelector('dialog [role=option]')?.textContent === 'Amazon S3'")
    page.key("Enter")
    page.click("dialog input[data-action=charges][data-at='1']")
    page.click("dialog button[type=submit]")
    page.see("good | account | ['amazon s3'] | gross")
    page.wait("!document.querySelector('dialog')")
    assert ws.views(MEMBER) == []


def test_a_mention_is_answered_in_its_thread(page):
    """Mentioning the app opens the thread, where the answer grows and ends with a chart."""
    page.click(CHANNEL)
    page.type("@spend why is AWS up?")
    page.key("Enter")
    page.wait("document.querySelectorAll('#thread-list .slice').length === 4")
    assert page.js("document.querySelector('#thread .markdown strong').textContent") == "Because"
    page.click("#thread [aria-label='Close thread']")
    page.wait("document.getElementById('thread').hidden")
    page.see("1 reply")


def test_another_person_sees_another_workspace(page):
    """Switching the person changes channels and what is visible; Home is drawn for them."""
    page.click(".persona")
    page.click(f"[data-persona={ADMIN}]")
    page.see("finance-private")
    assert count(page, ".ephemeral") == 0
    page.click(f"[data-channel={'D0AMARA0SPEND'}]")
    page.see("Month to date: $48,210")
    page.click(".persona")
    page.click("[data-persona=U0VIKTOR]")
    page.wait("document.querySelectorAll('[data-channel]').length === 1")
    assert page.js("document.querySelector('[data-channel]').innerText").startswith("umbra-partnership")


def test_light_and_dark(page):
    """The theme can be switched, and what is drawn follows."""
    light = page.js("getComputedStyle(document.getElementById('main')).backgroundColor")
    page.click("#theme")
    dark = page.js("getComputedStyle(document.getElementById('main')).backgroundColor")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(26, 29, 33)")


def test_nothing_written_becomes_markup(page, ws):
    """Names and texts from elsewhere stay text."""
    evil = "<img src=x onerror=alert(1)> <script>alert(1)</script>"
    cells = [[{"type": "raw_text", "text": evil}], [{"type": "raw_text", "text": evil}]]
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": evil}},
        {"type": "markdown", "text": f"{evil} [x](javascript:alert(1))"},
        {"type": "table", "rows": cells},
    ]
    WebClient(BOT_TOKEN, base_url=ws.api_url).chat_postMessage(channel="C0COSTS", text="evil", blocks=blocks)
    page.see("onerror=alert(1)")
    assert count(page, "#list img[src=x], #list script, #list a[href^=javascript]") == 0


def test_everything_can_be_reached_by_keyboard_and_has_a_name(page):
    """Every control has a name that can be read out, and the composer has the focus at first."""
    assert page.js("document.activeElement.dataset.composer") == "channel"
    nameless = page.js(
        "[...document.querySelectorAll('button,select,input,textarea')].filter(e => !(e.innerText || '').trim()"
        " && !e.getAttribute('aria-label') && !e.title && !e.closest('label')).map(e => e.outerHTML.slice(0, 90))"
    )
    assert nameless == []
    assert page.js("document.querySelectorAll('img:not([alt])').length") == 0
