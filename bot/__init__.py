"""What a team spends on clouds and models, and why, answered in Slack.

Provider adapters pull bills into a ledger of exact charges, ahead of time. People ask; words become a question; the
ledger gives figures; an answer is drawn. Imports point downwards only:

cli         the commands, and the only reader of the environment
demo        simulated providers and a simulated workspace; runs the real thing over loopback
serve       the bot as a service
doctor      tries every credential, permission and scope for real
front       the bot in Slack: the app, digests and alerts joined
wiring      puts the rooms together
terminal    an answer on a terminal
metrics     what an operator watches
slack       how it hears and speaks: listeners, home, modals, access; blocks draws an answer
clock       what runs when
digest      a digest is a question with a clock
alerts      an alert is a question with a memory
once        what is said once: claims, and whoever dies holding one is found out
ask         words → answer: the seam that Slack, clock, terminal and tests share
interpret   sentences the grammar cannot read, put to a language model where one is switched on
sync        providers → ledger: the only place that retries and spends request money
imports     FOCUS files → ledger
export      ledger → FOCUS files
wording     figures and answers in words
settings    what the environment and sources.toml may set
logs        structured logs, secrets struck out
rates       exchange rates of the European Central Bank
language    words → question, without a language model
providers   one source kind a room: aws, gcp, openai, anthropic, focus
ledger      what we know: the star of charges, the cube over it, and what the bot remembers
costs       the domain, pure: charges, questions, answers, and what is computed from them
"""
