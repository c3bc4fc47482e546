"""What a team spends on clouds and models, and why, answered in Slack.

Provider adapters pull bills into a ledger of exact charges, ahead of time. People ask; words become a question; the
ledger gives figures; an answer is drawn. Imports point downwards only, and ``simulators/`` beside this package
holds the vendors and the Slack workspace that the demo and the tests run against:

app           composition: the container, the command line, the server, the scheduler, settings, doctor, metrics, logs
mcp           the same answers for MCP clients
slack         the Slack app: listeners, resources, modals, access, delivery
alerts        an alert is a question with a memory
digests       a digest is a question with a schedule
answering     a question → its answer: queries, coverage, data quality, one module a kind
sync          providers → ledger: pull windows, retries, the request budget, the status of sources
focus         FOCUS files: into the ledger and out of it
llm_parser    sentences the grammar cannot read, put to a language model where one is switched on
render        answers in words and pictures: labels, numbers, sentences; text, CSV, Slack
coordination  leases and exactly-once posting for replicas that share a ledger
language      words → question, without a language model
ledger        what is known: charges as a star, running sums over it, and the bot's own state
providers     one package a vendor: aws, gcp, openai, anthropic, focus
blockkit      Block Kit: building blocks and checking them against Slack's limits
analytics     what is computed from series of charges: explanations, forecasts, anomalies, savings
domain        pure values and rules: charge, money, period, question, answer, feed, scope
table_cache   tables as they are once read, so that a start parses no TOML
tracing       spans of what is under way, for OpenTelemetry where it is switched on
"""
