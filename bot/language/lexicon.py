"""What words mean: one table, a meaning and the phrases for it. To teach the bot a word, add it here.

Phrases stand between commas; hyphens and spaces are the same. What a name of a service, a region or a model
stands for is in ``aliases.toml``; what a date phrase names is in ``dates``.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from bot.language.meanings import Meaning, Role
from bot.language.text import tokenize


def _m(role: Role, value: Any = None, *, plural: bool = False, soft: bool = False) -> Meaning:
    return Meaning(role, value, plural, soft)


FILLER: Final = """
a, an, the, i, we, us, you, me, my, our, ours, your, yours, he, she, they, them, their, one, ones, it, its, itself,
is, are, was, were, be, been, being, am, do, does, did, done, doing, have, has, had, having, can, could, should, shall,
would, must, isnt, arent, wasnt, werent, dont, doesnt, didnt, havent, cant, wont, lets, let,
of, as, so, then, there, here, if, because, since when, about, into, out, up to now, onto, upon, toward, towards,
please, pls, plz, plss, thx, thanks, thank, ty, cheers, kindly, hey, hi, hello, yo, hiya, good morning, good afternoon,
good evening, morning, guys, team please, folks, everyone, everybody, all of us, hey team, hi team, hello team, morning team, hey all, hi all, hello all, hey folks, hi folks, hey everyone, hi everyone, hi there, hey there, quick q, q, bot, spendbot, spend bot, finops bot,
quick question, question, quickly, quick, just wondering, wondering, curious, i wonder, wonder, fyi, btw, ok, okay, so far,
right now, now, at the moment, currently, current, presently, actually, exactly, really, roughly, approximately, approx, about,
around, simply, basically, overall, in total, total, totals, altogether, combined, together, grand total, sum, sum total, aggregate,
org wide, orgwide, company wide, companywide, organization wide, organisation wide, account wide, everything, anything, all of it,
all in, all up, entire, whole, full, complete, general, generally, in general, typical, typically, only the total,
my account, our account, our org, our organization, our organisation, organization, organisation, the org, company, our company,
want, wants, need, needs, like, love, id like, would like, like to, want to, need to, interested, looking, look, looks, trying,
know, see, understand, learn, find out, figure out, check, figure, get, got, grab, pull, fetch, run, pull up, dig, dig up, bring up, look up,
able, possible, possibly, maybe, perhaps, again, still, already, yet, ever, also please, much, many, any, some, lot, a lot,
long, well, very, too much, too, such, more or less, but, other than that, kind of, sort of, bit, little, tiny bit,
thing, things, stuff, item, items, what about, how about, hows, whats, wheres, whos, how, where, when, whose, whom, whether,
been like, looking like, look like, looks like, what is it, and what, and how, in terms of, terms, regarding, re, wrt, with respect to, related to,
related, associated with, associated, attributed to, attributable to, attributed, belonging to, belongs, incurred, incur, generated, coming from, come from,
coming, comes, go, goes, going, gone, went, made, make, makes, happening, happened, happen, happens,
details, detail, detailed, information, info, report, reports, reporting, summary, summarize, summarise, overview, snapshot, rundown, numbers, number, figures,
amount, amounts, value, values, sums, picture, view, views, dashboard, table, tables, csv, export, exported, download, in a table, as a table,
listing, data point, data points, level, basis, per se, period, time period, timeframe, time frame, time range, date range, range, window, dates, date, time,
side by side, or so, etc, eg, ie, namely, specifically, particular, in particular, especially,
month over month basis, cur, in cur, from cur, cost and usage report, focus, in focus format, focus format, format, open, opened, severity, high severity, severe, critical, impact, dollar impact, ranked, matter, matters, does it matter, close to, close, limit, limits, getting, showback, show back, chargeback, charge back, rate, rates, responsible, responsible for, accountable for, org, org level, org accounts, money, moneys, dollars worth, worth, cash flow, usd total,
cloud, infrastructure, infra, tech, technology, it infrastructure, platform wide, environment wide, stack, setup, estate, footprint,
cloud resources, cloud provider bill, public cloud, multi cloud, multicloud, hyperscaler, hyperscalers,
resources, our resources, workload, workloads, services we use, instances, instance, vms we run, deployed, hosted, hosting, running, run by,
recent, recently, lately, left, remaining, remain, remains, instead, more, individual, separate, separately, respective, respectively, different, various, certain, specific, given, own, single, relevant,
consumption based, pay as you go usage, usage based, actual, actuals, real, true, absolute, relative, estimated so far,
accumulated, cumulative, accrued so far, incl, including, include, includes, inclusive, inclusive of, with, using, via, through slack, under, inside,
provided, provide, provides, based, based on, according to, as of, as at, as per, following, above all,
business, department wide, production wide, ai spend manager, finance, finops, boss, cfo, ceo, cto, manager, asked, asking, asks, asap, urgent, urgently,
today please, stand, stands, standing, sitting, sit, sits, hit, hits, hitting, reach, reached, came, comes to, come to, add up, adds up, adding up, amounting, amount to, amounts to,
same, that many, number of, count of, share, percentage, percent, proportion, portion, part, fraction, ratio, contribution, mix, composition,
every single, by far, on average over, each of, one of, both, both of, either, neither, all, every, all the, all our, all of, all of our, all of the, each and every
"""

SPEND: Final = """
cost, costs, costing, costed, spend, spends, spent, spending, spendings, spendage, bill, bills, billing, billings, burn, burns, burned, burnt, burning,
charge, charges, charged, charging, pay, pays, paid, paying, payment, payments, expense, expenses, expenditure, expenditures, outlay, outgoings,
price tag, cost us, cost me, costs us, setting us back, set us back, owe, owed, owing, run up, rack up, racked up, racking up, money spent,
cloud spend, cloud costs, cloud cost, cloud bill, cloud bills, cloud spending, cloud charges, consume, consumes, consuming, damage, total cost, total costs,
total spend, usage cost, usage costs, usage charges, cost data, billing data, spend data, spending data, cost report, cost figures, cost numbers,
cost details, bill total, tab, spnd, sepnd, cst, csts, hit to the wallet, cost usage, usage and cost, cost and usage, cloud computing costs, dosh, gasto,
invoiced amount, amount due, cost analysis, spend analysis, cost overview, cost summary, spend summary, cost breakdown please, financials, cost to us
"""

SHOW: Final = """
show, shows, showing, show me, give, give me, gimme, display, tell, tell me, present, visualize, visualise, visualization, view, report on,
analyze, analyse, analysis, analyzing, analysing, review, calculate, compute the, work out, return, output the, print, post, send me, share with me, walk me through,
query, search for, create a chart, create a bar chart, create a line chart, create a pie chart, create a graph, create a report, create a table, create a summary, create a breakdown, make a chart, make a graph, make a report, build a report, write a summary, write a report, draft a report, lookup, find, find me, identify, retrieve, gather, inspect, examine, describe, outline
"""

BY: Final = """
by, per, for each, for every, for each of, in each, in every, on each, of each, from each, by each, by every, split by, splits by, split per, split out by, split up by,
group by, grouped by, grouping by, grouped per, broken down by, broken down per, break down by, break it down by, break that down by, break this down by, break them down by,
breakdown by, breakdown per, breakdown of costs by, divided by, sliced by, slice by, segmented by, segment by, sorted by, sort by, order by, ordered by, ranked by, rank by,
aggregated by, aggregate by, categorized by, categorised by, organized by, organised by, itemized by, itemised by, separated by, separate by, bucketed by, pivot by, faceted by,
summed by, summarized by, summarised by, distributed by, distribution by, distributed between, distributed across, distributed among, distributed over, distribution across, distribution between,
split between, split across, split among, spread across, spread over, divided among, divided between, breakdown across, breakdown over, per each, at the level of, on a per, for all the individual, along, vs by, and by
"""

_DIMENSIONS: Final = (
    ("ServiceProviderName", "provider, cloud provider, vendor, cloud vendor, service provider, supplier, csp, platform provider, publisher",
     "providers, cloud providers, vendors, cloud vendors, service providers, suppliers, csps, clouds, all clouds"),
    ("ServiceName", "service, product, service name, product name, servce, srvc, svc", "services, products, service names, servces, svcs, offerings"),
    ("ServiceCategory", "service category, category, service type, cost category, type of service, service family, product family, product category",
     "service categories, categories, service types, types of services, cost categories, product families"),
    ("SubAccountName",
     "account, linked account, sub account, subaccount, member account, account name, workspace, subscription, profile, account id, project id, project name, acct, linked account name",
     "accounts, linked accounts, sub accounts, subaccounts, member accounts, account names, workspaces, subscriptions, profiles, account ids, accts"),
    ("BillingAccountName", "billing account, payer, payer account, master account, management account, billing entity, payer id, organization account, billing organization",
     "billing accounts, payers, payer accounts, master accounts, management accounts, organizations, organisations, orgs"),
    ("RegionId", "region, location, geo, geography, data center, datacenter, cloud region, geographic region, geographical region",
     "regions, locations, geos, geographies, data centers, datacenters, cloud regions"),
    ("SkuId", "sku, usage type, line item, meter, instance type, storage class, usagetype, sku id, machine type, instance size, billing item, lineitem, instance family, sku name, usage types group, sub service, subservice, operation type, feature",
     "skus, usage types, line items, meters, instance types, storage classes, usagetypes, machine types, instance sizes, billing items, lineitems, sub services"),
    ("ChargeCategory", "charge type, charge category, record type, cost type, type of charge, kind of charge", "charge types, charge categories, record types, cost types, types of charges, kinds of charges"),
    ("PricingCategory", "pricing category, purchase option, pricing model, purchase type, pricing type, purchasing option, payment model, commitment type",
     "pricing categories, purchase options, pricing models, purchase types, pricing types, purchasing options"),
    ("ResourceId", "resource, bucket, instance id, resource id, resource name, arn, individual resource, specific resource, volume id, database instance, db instance, specific instance, individual instance",
     "resources, resource ids, buckets, instance ids, resource names, arns, individual resources, individual instances, db instances"),
    ("x_Model", "model, ai model, llm model, model name, llm, foundation model, language model, model id", "models, ai models, llm models, llms, model names, foundation models, language models"),
    ("x_TokenType", "token type, type of token, token kind, token category, token class", "token types, types of token, types of tokens, kinds of tokens"),
    ("x_ApiKeyName", "api key, key, api key name, apikey, access key, api token, key name", "api keys, keys, api key names, apikeys, access keys, api tokens"),
    ("x_UserName", "user, person, developer, engineer, user name, username, dev user, employee, human, actor, colleague, teammate, seat, individual developer, member",
     "users, people, persons, developers, engineers, devs, user names, usernames, employees, humans, actors, members, colleagues, teammates"),
)  # fmt: skip

_KINDS: Final = (
    ("why", "why, y, how come, what caused, whats caused, what causes, whats causing, what is causing, what was causing, what drove, what drives, what is driving, whats driving, what was driving, what has been driving, what are driving, "
            "what is behind, whats behind, what was behind, what lies behind, whats the story behind, what made, what is making, explain, explain why, explanation, explanation for, explain the reason, investigate, investigation, root cause, root causes, rca, reason, reasons, "
            "the reason for, reason for, reason behind, reasons behind, cause, causes, caused, cause of, causing, caused by, driven by, due to, attributed the, "
            "led to, what led to, leading to, what is responsible for, whats responsible for, who is responsible for, driving, drove, drives, drive, behind, deep dive into why, wtf happened, what the hell happened, "
            "what happened, whats happened, what happened to, what happened with, what happened here, what is going on, whats going on, what went on, accounting for the, how so, justify"),
    ("cause", "what contributed to, whats contributing to, what is contributing to, contributed to, contribute to, contributes to, contributing to, contributor to, contributed most to, contributing most to, contribute most to, contributed, contribute, contributes, contributing, responsible for, accounts for, account for, accounted for"),
    ("forecast", "forecast, forecasts, forecasted, forecasting, projection, projections, projected, projecting, predict, predicts, predicted, prediction, predictions, predicting, expected, expect, expecting, expectation, estimate, estimated, estimates, estimating, estimation, "
                 "on track, on pace, on course, track to, pacing, run rate, runrate, burn rate forecast, will, gonna, going to be, going to cost, going to spend, going to pay, going to come to, going to hit, going to land, going to end up, end up, end up at, end up spending, "
                 "land at, land on, will land, outlook, extrapolate, extrapolated, anticipated, anticipate, fcst, trajectory, land, landing, likely to, likely, heading, headed, trending towards, trending toward, where will we, come out at, finish at, finish the month, end the month, close the month, close out at, by month end, at month end, tracking towards, tracking to, shaping up, look at month end, upcoming"),
    ("anomalies", "anomaly, anomalies, anomalous, unusual, unusually, weird, weirdness, weirdly, outlier, outliers, abnormal, abnormality, abnormalities, abnormally, strange, strangely, odd, oddities, oddly, suspicious, suspect, unexpected, unexpectedly, irregular, irregularity, irregularities, out of the ordinary, "
                  "looks wrong, look wrong, looking wrong, wrong with, issues, cost issues, cost issue, going wrong, looks off, look off, looking off, seems off, anything off, something off, is off, out of line, out of whack, surprising, surprise, surprises, surprised, concerning, red flags, red flag, alarming, not normal, deviates, deviation, deviations, deviating, spikes, spike, spiky, surges, blip, blips, cost shocks, bill shock, sudden, suddenly, crazy, funny, sus, stand out, stands out, standing out, "
                  "anything unusual, anything weird, anything strange, anything odd, detect, detected, worry about, worried about, looks strange"),
    ("budgets", "budget, budgets, budgeted, budgetary, over budget, over budgets, blow the budget, blow our budget, blow through the budget, bust the budget, under budget, on budget, within budget, spending limit, spending limits, spend limit, spend limits, budget status, budget vs actual, budget vs actuals, budget versus actual, actual vs budget, actuals vs budget, actual versus budget, against budget, against the budget, cost limit, cost limits, spending cap, spend cap, spending caps, budgett, allowance, bugdet, overspend, overspending, overspent"),
    ("price", "list price of, list price for, list prices of, list prices for, public price of, sticker price of, price, prices, pricing, priced, rate card, unit price, unit prices, price list, list prices, price per, cost per token, costs per token, per token, per 1k tokens, per 1m tokens, per thousand tokens, per million tokens, per 1000 tokens, per mtok, per m tokens, per 1 million tokens, per 1000000 tokens, a token, a million tokens, per mil tokens, rate for, rates for, going rate, per input token, per output token, per million input tokens, per million output tokens, "
              "per 1m input tokens, per 1m output tokens, 1m tokens, million tokens, 1 million tokens"),
    ("savings", "savings, saving, saved, how much saved, cost savings, commitment savings, discount, discounts, discounted, sp savings, ri savings, savings plan savings, savings plans savings, savings plan coverage, savings plans coverage, ri coverage, reservation coverage, reservation savings, commitment coverage, commitment utilization, commitment utilisation, savings plan utilization, savings plans utilization, savings plan utilisation, savings plans utilisation, ri utilization, ri utilisation, reservation utilization, reservation utilisation, reserved instance utilization, reserved instance coverage, reserved instances coverage, reserved instance savings, "
                "effective savings rate, esr, coverage, utilization, utilisation, commitment discount, commitment discounts, commitments, commitment, cud savings, cuds, cud, cud utilization, cud coverage, committed use discounts, committed use discount, sustained use discounts, sustained use discount, savings opportunities, savings opportunity, saving opportunities, potential savings, cost savings opportunities, savings potential, benefit, benefits, benefited, edp discount, enterprise discount, volume discount, save with commitments, save, save from, save us, saves us, saved us, save by"),
    ("freshness", "fresh, freshness, stale, staleness, up to date, uptodate, last updated, last update, latest update, last refreshed, last refresh, last synced, last sync, last synchronized, last pull, last pulled, last import, synced, sync, syncing, in sync, refreshed, refresh, updated, how current, how recent, how old, how late, how up to date, as current, data delay, data lag, lag, delayed, delay, latency of data, ingested, ingestion, data sources, data source, connected sources, which sources, what sources, sources, source, connected, connections, connectors, integrations, integrated, connector, integration, data as of, last data, latest data, newest data, most recent data, data available until, data through, complete is the data, is the data complete, how complete, data status, sync status, source status, hooked up, plugged in, wired up, health of data, data current, data current as of, how far behind, backfilled, last ingested, arrive, arrived, land in the ledger, restated, provisional"),
    ("help", "help, help me, what can i ask, what can you do, what can you tell me, what do you do, how does this work, how do i use this, how do i use you, how does it work, how to use, how do you work, what do you know, commands, command, command list, examples, example, example questions, sample questions, usage instructions, manual, docs, documentation, instructions, tutorial, what are you, who are you, what is this, whats this, what can i do, "
             "what questions can i ask, what questions, how can you help, what else can you do, what all can you do, how do i ask, what should i ask, get started, getting started, features, capabilities, options, what can i query, man, how do i, what things can i ask, what is supported, can you help, support me, guide, intro, introduction, test"),
)  # fmt: skip

_ORDERS: Final = """
resize, resizes, terminate, stop, start an, start the, shut down, shutdown, shut off, turn off, turn on, switch off, kill, delete, remove the, destroy, create, set, set up, setup a, add a, change the, raise the, lower the, update the budget, edit,
increase the budget, open a, open ticket, file a, buy, purchase a, order a, cancel, dismiss, acknowledge, ack, snooze, mute, silence, unmute, subscribe, unsubscribe, alert me, alert us, notify, notify me, remind, remind me, ping me, schedule, automate, email me, email, mail me, page me,
migrate, move the, move our, deploy, provision, scale up, scale down, scale, downsize, upsize, reboot, restart, launch, spin up, spin down, assign, approve, reject, rename, tag the, tag all, tag these, tag resources, retag, apply, enable, disable, configure, connect to, rotate, revoke, invite, ticket, tickets, jira, pull request, terraform, cloudformation, write, draft, book, renew, negotiate, upgrade, downgrade, block, enforce, archive, modify, convert the, allocate the, release, attach, detach, restore, clean up, cleanup, purge, watch, monitor for
"""

_ADVICE: Final = """
optimise, optimize, optimised, optimized, optimises, optimizes, optimising, optimizing, optimisation, optimization, optimisations, optimizations, cut, cutting, cuts, reduce, reducing, reduction, reductions, waste, wasted, wasting, wasteful, idle, unused, underused, underutilized, underutilised, under utilized, overprovisioned, over provisioned, oversized, orphaned, unattached, zombie, rightsize, rightsizing, right size, right sizing, rightsized, recommend, recommends, recommended, recommendation, recommendations, advise, advice, suggest, suggestion, suggestions, improve, efficiency, efficient, inefficient, inefficiencies, best practice, best practices, cheaper, spend less, pay less, overpay, overpaying, overpaid, stopped, duplicate, duplicates, redundant, redundancy, lower our, lower my, bring down, save money, save more, save on, save costs, save cost, could we save, can we save, should we, should i, can i save, how to save, tips, worth it, alternatives, alternative, consolidate, eliminate, minimize, minimise, trim, shave off, quick wins, low hanging fruit, what if, if we moved, if we switched, if we switch, would it cost, would cost, would we save, would we pay, would happen if
"""

_FOREIGN: Final = """
pod, pods, namespace, namespaces, node, nodes, cluster, clusters, container, containers, daemonset, daemonsets, deployment, deployments, statefulset, statefulsets, replicaset, kubecost, ingress, node pool, node pools, nodepool, helm, helm chart,
per customer, per client, per tenant, per request, per requests, per api call, per call, per transaction, per query, per message, per conversation, per invocation, per seat, per employee, per order, per unit, per deployment, per build, per pod, per node, per cluster, per namespace, per container, per session, per job, per visit, per page view, per download, per image, per document, per ticket, per feature, per signup, per active user, per mau, per dau, per subscriber, per user request, per gb, per gb month, per hour of usage, per vcpu, per 1000 requests, per thousand requests, per million requests, per 1k requests, per inference, per prompt, per completion, per chat, per email, per commit, per pr, per pull request, per line of code, by customer, by namespace, by pod, by node, by cluster, by deployment, by container, by tenant, cost of goods sold, unit cost, unit costs, unit economics, cost to serve,
margin, margins, gross margin, profit, profits, profitability, profitable, revenue, revenues, runway, roi, return on investment, arr, mrr, cogs, p&l, ebitda, headcount, salary, salaries, break even, breakeven, funding, bank balance,
invoice, invoices, receipt, receipts, pdf, purchase order, po number, payment method, credit card, due date, invoice number, tax form, w9, vat number, statement of account,
carbon, carbon footprint, co2, co2e, emission, emissions, sustainability, green, kwh, energy,
quota, quotas, rate limit, rate limits, latency, uptime, outage, outages, incident, incidents, cpu utilization, memory utilization, performance, vulnerabilities, compliance, sla, throughput, requests per second, weather, joke, stock price, poem, password, secret, credentials
"""

TABLE: Final[tuple[tuple[Meaning, str], ...]] = (
    (_m(Role.FILLER), FILLER),
    (_m(Role.SPEND), SPEND),
    (_m(Role.SHOW), SHOW),
    (_m(Role.BY), BY),
    (_m(Role.ACROSS), "across, across all, across all of, across all of our, across all our, across all the, across every, across our, across the, among, amongst, among all, over all, for all, for all our, for all the, in all, of all, of all our, from all, spanning, throughout, regardless of, irrespective of, across each"),
    (_m(Role.EACH), "each, every, each individual, individual each"),
    *((_m(Role.DIM, (name,)), one) for name, one, _ in _DIMENSIONS),
    *((_m(Role.DIM, (name,), plural=True), many) for name, _, many in _DIMENSIONS),
    (_m(Role.DIM, ("SubAccountName", "Tags/project")), "project"),
    (_m(Role.DIM, ("SubAccountName", "Tags/project"), plural=True), "projects"),
    (_m(Role.DIM, ("Tags",)), "tag, label, tag key, label key, cost allocation tag"),
    (_m(Role.DIM, ("Tags",), plural=True), "tags, labels, tag keys, label keys, cost allocation tags, tagging keys"),
    (_m(Role.DIM, ("x_UserName",)), "who, whom, whose"),
    (_m(Role.DIM, ("BillingAccountName",)), "org, organization, organisation"),
    (_m(Role.DIM, ("ServiceProviderName",)), "cloud"),
    (_m(Role.TIMEUNIT, "day"), "day, days"),
    (_m(Role.TIMEUNIT, "week"), "week, weeks"),
    (_m(Role.TIMEUNIT, "month"), "month, months"),
    (_m(Role.TIMEUNIT, "quarter"), "quarter, quarters"),
    (_m(Role.TIMEUNIT, "hour"), "hour"),
    (_m(Role.GRAIN, "hour"), "hourly, by hour, per hour, each hour, every hour, by the hour, hour by hour, hours of the day"),
    (_m(Role.GRAIN, "day"), "daily, by day, per day, each day, every day, day by day, on a daily basis, by date, per date, a day, by the day, for each day, day to day, per diem, dayly, by days, on each day, for every day, daywise, day wise, daily basis, day level"),
    (_m(Role.GRAIN, "week"), "weekly, by week, per week, each week, every week, week by week, on a weekly basis, a week, by the week, for each week, by weeks, weekwise, week wise, weekly basis"),
    (_m(Role.GRAIN, "month"), "monthly, by month, per month, each month, every month, month by month, on a monthly basis, a month, by the month, for each month, by months, month to month, montly, monthwise, month wise, monthly basis, by calendar month"),
    (_m(Role.GRAIN, "quarter"), "quarterly, by quarter, per quarter, each quarter, every quarter, quarter by quarter, on a quarterly basis, a quarter, for each quarter"),
    (_m(Role.TREND), "trend, trends, trending, trended, trendline, over time, history, historical, historically, historic, timeline, time series, timeseries, evolution, evolve, evolved, evolving, development over time, progression, progressed, trend line, through time"),
    (_m(Role.CHART), "chart, charts, charted, graph, graphs, graphed, plot, plotted, diagram, bar chart, line chart, pie chart, as a chart, as a graph, in a chart, sparkline, curve"),
    (_m(Role.BREAKDOWN), "breakdown, breakdowns, break down, break it down, break that down, break this down, broken down, breaking down, break out, breakout, broken out, split, splits, split up, distribution, distributed, distribute, itemize, itemise, itemized, itemised, decompose, drill down, drill into, drill down into, deep dive, deep dive into, dive into, allocation, allocated, "
        "where is the money going, where is our money going, where does the money go, where does our money go, where did the money go, where did our money go, where is all the money going, where is all our money going, where are we spending, where do we spend, where are we spending money, where are we spending our money, "
        "what are we spending on, what are we spending money on, what do we spend on, what do we spend money on, what did we spend money on, what did we spend it on, what are we spending our money on, what are we paying for, what do we pay for, what did we pay for, what makes up, what makes up the, makes up, make up, made up of, composed of, consists of, what is in, whats in, where is my money going, where is it going, where is it all going, where does it go, cost composition, what is included in, going where, what am i paying for, what am i spending on, what are you spending on, what am i spending money on, breakdwn, brekdown"),
    (_m(Role.DRIVERS), "cost drivers, spend drivers, drivers, key drivers, key cost drivers, cost driver, spend driver, driver, cost contributors, contributors, contributor, cost centers of gravity, spenders, big spenders, big ticket items, hogs, money pits, consumers, spend contributors, offenders, culprits, cost hogs, budget eaters, line items by cost, hitters, hot spots, hotspots, money sinks"),
    (_m(Role.METRIC, "EffectiveCost"), "amortized, amortised, effective, accrual, accrued, amortization, amortisation, amortized cost, amortised cost, effective cost, effective costs, amortized costs, amortised costs, net amortized, net amortised, accrual basis, amort, amortize"),
    (_m(Role.METRIC, "ListCost"), "list cost, list costs, at list price, at list prices, at list, on demand equivalent, on demand equivalents, list price, list priced, public price, public prices, at public prices, at retail, retail cost, retail price, on demand cost equivalent, undiscounted, before discounts, without discounts, at on demand prices, at on demand rates, at on demand price, at full price, full price, sticker price, excluding discounts, catalog price, catalogue price, on demand price, public on demand cost, pre discount, ondemand equivalent, list spend, at list rates"),
    (_m(Role.METRIC, "ContractedCost"), "contracted, contracted cost, contracted costs, contract price, contract cost, at contract prices, at contracted rates, at contract rates, contract rate, negotiated, negotiated cost, at negotiated rates, contractual, contract costs"),
    (_m(Role.METRIC, "BilledCost"), "billed, billed cost, billed costs, unblended, unblended cost, unblended costs, net unblended, as billed, as invoiced, invoiced, cash basis, cash cost, nonamortized, non amortized, dollar cost, in dollars instead, in dollars, in cost, cost instead, in money"),
    (_m(Role.UNIT, "Tokens"), "tokens, token, token usage, token count, token counts, token volume, token consumption, how many tokens, toks, number of tokens, tokens used, token use, amount of tokens"),
    (_m(Role.UNIT, "Requests"), "requests, how many requests, request count, request counts, request volume, api calls, how many api calls, api requests, number of requests, calls, invocations, queries, number of calls, number of api calls, number of queries"),
    (_m(Role.UNIT, "Hours"), "hours, instance hours, compute hours, vcpu hours, cpu hours, gpu hours, machine hours, number of hours, hours used, running hours, node hours, core hours, usage hours"),
    (_m(Role.UNIT, "GB"), "gb, gbs, gigabytes, gigabyte, gib, tb, tib, terabytes, terabyte, tbs, mb, megabytes, bytes, how many gb, gb months, gb month, volume of data, gb used, amount of data, data volume, pb, petabytes, bytes transferred, gb stored, gb transferred, tb stored"),
    (_m(Role.UNIT, "Quantity"), "quantity, quantities, usage quantity, consumed quantity, usage amount, usage quantities, consumed, usage volume, usage in units, units, units used, consumption quantity, how many units, number of units"),
    (_m(Role.SPEND, "usage"), "usage, consumption, utilised, utilized"),
    (_m(Role.CHARGES, "gross"), "gross, gross cost, gross costs, gross spend, before credits, before credits and refunds, without credits, excluding credits, exclude credits, excl credits, ex credits, pre credit, pre credits, no credits, minus credits, less credits, not counting credits, ignoring credits, credits excluded, before any credits, before applying credits, without credits and refunds, excluding credits and refunds, exclude credits and refunds, without refunds and credits, excluding refunds and credits, before refunds and credits, w/o credits, wo credits, "
        "without the credits, excluding refunds, without refunds, before refunds, w/o refunds, except credits, not including credits, before credit, without credit, excluding credit, credits not included, without any credits, before promotional credits, without promotional credits, credit free, except refunds, prior to credits, other than credits, ignore credits, without counting credits, without applying credits, but not credits, not credits, leaving out credits, usage before credits, gross of credits, minus refunds, sans credits, apart from credits, without our credits, excl refunds, before the credits, excluding our credits, excluding the credits, excluding any credits, less refunds"),
    (_m(Role.CHARGES, "net"), "net, net cost, net costs, net spend, after credits, net of credits, including credits, with credits, after credits and refunds, net of refunds, incl credits, including refunds, credits included, credits applied, after applying credits, with credits applied, after refunds, after credit, less any credits, net of credits and refunds, incl tax, including tax, including taxes, with tax, with taxes, tax included, after tax, after taxes, inc tax, inc vat, incl vat, including vat, taxes included, everything included"),
    (_m(Role.CHARGES, "credits"), "credit, credits, refund, refunds, refunded, credited, credits and refunds, refunds and credits, credit memo, credit memos, promotional credits, promo credits, promotional credit, startup credits, free credits, credit usage, credits used, credits applied to, covered by credits, credit consumption, credits or refunds, money back, credit amount"),
    (_m(Role.CHARGES, "tax"), "tax, taxes, vat, gst, sales tax, tax charges, tax amount, taxation, sales taxes, tax costs, tax cost, hst"),
    *((_m(Role.KIND, name), words) for name, words in _KINDS),
    (_m(Role.KIND, "order"), _ORDERS),
    (_m(Role.KIND, "advice"), _ADVICE),
    (_m(Role.KIND, "foreign"), _FOREIGN),
    (_m(Role.TOP), "top, topmost, first, tops"),
    (_m(Role.SUPERLATIVE), "biggest, largest, highest, most expensive, costliest, priciest, most costly, most, the most, greatest, main, major, leading, worst, primary, heaviest, dearest, number one, no 1, maximum, max, most significant, most money, strongest, hugest, principal, most used, most of the money, the bulk, bulk of, the bulk of, most of our, most of the, most of, most of our money, most of our spend, fattest, steepest, sharpest, fastest, quickest, the most expensive, largest share of, the biggest share of, biggest chunk of"),
    (_m(Role.BOTTOM), "cheapest, lowest, least expensive, smallest, least, bottom, least costly, fewest, minimum, tiniest, slowest"),
    (_m(Role.CHANGE, "verb"), "up or down, up and down, accelerate, accelerated, accelerating, decelerating, slowing down, spike up, increase, increased, increases, increasing, decrease, decreased, decreases, decreasing, go up, goes up, gone up, going up, went up, go down, goes down, gone down, going down, went down, went through the roof, go through the roof, through the roof, jump, jumped, jumps, jumping, spiked, spiking, drop, dropped, drops, dropping, dropped off, change, changed, changes, changing, move, moved, moves, moving, grow, grew, grown, grows, growing, growth, rise, rose, risen, rises, rising, "
        "fall, fell, fallen, falls, falling, climb, climbed, climbing, climbs, surge, surged, surging, shot up, shoot up, shooting up, shrink, shrank, shrunk, decline, declined, declines, declining, double, doubled, doubling, triple, tripled, tripling, halved, swing, swung, swings, shift, shifted, shifts, skyrocket, skyrocketed, skyrocketing, explode, exploded, exploding, balloon, ballooned, ballooning, soar, soared, soaring, plummet, plummeted, dip, dipped, dips, creep up, crept up, creeping up, creeping, escalate, escalated, escalating, "
        "increase in, rise in, growth in, drop in, change in, growth rate, rate of change, delta, deltas, uptick, upticks, hike, hikes, hiked, up so much, so high, so expensive, so much higher, so much more, so low, so much, this high, that high, this much, too high, expensive, high, higher, low, lower, up, down, more expensive, fluctuate, fluctuated, fluctuation, fluctuations, fluctuating, varied, vary, variance, variation, variations, difference, differences, differ, diff, new, bigger, larger, smaller, less expensive, ramp up, ramped up, ramping up, ramp, cost us so much, increasing so much, going crazy, blew up, blow up, blown up, tank, tanked, ticked up, inflated, jumpy, progress, differently, cheaper now"),
    (_m(Role.CHANGE, "movers"), "movers, mover, gainers, gainer, losers, decliners, cost movers, spend movers, movements, movement, growers, increasers, cost changes, spend changes, risers, climbers, top movers and shakers, movers and shakers"),
    (_m(Role.PACE, "day"), "day over day, dod, d o d, day on day, d/d, vs the day before, daily change"),
    (_m(Role.PACE, "week"), "week over week, wow, w o w, week on week, w/w, wk over wk, weekly change, week vs week, week to week"),
    (_m(Role.PACE, "month"), "month over month, mom, m o m, month on month, m/m, monthly change, month vs month, month after month"),
    (_m(Role.PACE, "quarter"), "quarter over quarter, qoq, q o q, quarter on quarter, q/q"),
    (_m(Role.PACE, "year"), "year over year, yoy, y o y, year on year, y/y, annual change, year to year, year vs year"),
    (_m(Role.VERSUS), "vs, versus, vs., v, compared to, compared with, compare to, compare with, compares to, compares with, comparing to, comparing with, against, relative to, in comparison to, in comparison with, as compared to, as compared with, as opposed to, than, more than, less than, higher than, lower than, greater than, bigger than, over and above, rather than, up from, down from, benchmarked against, as against, stack up against, stacks up against, stacked up against, stack up to, measure up to, differ from, different from, different to, differs from, up on, down on, increase over, increase from, growth over, change versus, change vs, "
        "up vs, down vs, instead of, cmp, vrs, vz"),
    (_m(Role.COMPARE), "compare, compared, comparing, comparison, comparisons, compares, difference between, the difference between, differences between, difference in, delta between, diff between, comparison between, comparison of, contrast, changes between, change between, side by side comparison, compare between, difference of, variance between, stack up, head to head, comparsion, compair, gap between, which is more expensive, which is cheaper, which costs more, which cost more, who costs more, which one costs more, which one is more expensive, what costs more, what is more expensive, spend more on, spending more on"),
    (_m(Role.AND), "and, or, plus, as well as, along with, together with, n, nor, in addition to, and also, &, +, /, ;, |, and / or, and then"),
    (_m(Role.DASH), "-, ->, =>"),
    (_m(Role.TO), "to, through, thru, till, til, up to, up until, and up to, upto, until the end of, through to"),
    (_m(Role.UNTIL), "until, up till"),
    (_m(Role.FROM), "from, starting, starting from, starting on, beginning, from the"),
    (_m(Role.BETWEEN), "between, in between"),
    (_m(Role.SINCE), "since, ever since, as of the, from then, since the, after, onwards from"),
    (_m(Role.BEFORE), "before, prior to, ahead of, earlier than, leading up to"),
    (_m(Role.IN), "in, on, at, for, within, during, over the, over the course of, in the, for the, on the, of the, over this, along the, throughout the, amid, onto the"),
    (_m(Role.NOT), "except, except for, excepting, excluding, exclude, excludes, excluded, excl, excl., ex, exc, without, w/o, wo, but not, not, minus, other than, besides, apart from, aside from, ignoring, ignore, leaving out, leave out, less the, not counting, not including, outside of, outside, non, sans, everything but, all but, anything but, omitting, omit, drop the, filter out, filtering out, remove, skip, barring, not in, not on, not from, not for, without the, but without, excluding the, but exclude, but excluding, except the, minus the, bar, hide, but no, save for, with the exception of, with exception of, taking out, take out"),
    (_m(Role.NONE), "untagged, no, missing, missing a, missing the, lacking, lacks, lacking a, without a, without any, unlabeled, unlabelled, not tagged with, not tagged, not labelled, not labeled, with no, has no, have no, that have no, having no, not tagged by, w/o a, without an, unallocated, unattributed, unassigned, without tag, without tags, not labeled with, not labelled with, not assigned to, not assigned to a, not assigned to any, not allocated to, not allocated to any, not attributed to, not attributed to any, not belonging to any, that lack, which lack, dont have a, doesnt have a, dont have, don't have any, dont have any, arent tagged with, arent tagged, isnt tagged, that are not tagged, not having a, no assigned"),
    (_m(Role.TAGGED), "tagged, tagged with, tagged as, labelled, labeled, labelled with, labeled with, with tag, with the tag, with label, with the label, that are tagged with, that are tagged, with tags, that have a, that have the, having the, having a, tagged by, with a, having tag, carrying the, that has a"),
    (_m(Role.ONLY), "only, just, solely, exclusively, alone, limit to, limited to, restrict to, restricted to, filter to, filter by, filter on, filtered by, filtered to, narrow to, narrow down to, narrow it down to, narrowed to, scope to, scoped to, focus on, focused on, nothing but, filter for, limit it to, restrict it to, filter, where"),
    (_m(Role.ALSO), "also, as well, additionally, in addition, and also by, too, too as well, on top, add, adding, include, including also, together with that"),
    (_m(Role.WHICH, "which"), "which, which of our, which of the, which of my, which ones, whichever, which one, which are, which is"),
    (_m(Role.WHICH, "what"), "what, what is, what are, what was, what were, wat, wut, what kind of, what kinds of, what sort of, what types of"),
    (_m(Role.LIST), "list, list all, list of, list out, list our, list all our, list my, enumerate, names of, names of all, how many, names, inventory, inventory of, catalog, catalogue, list the, list me, lst of, count"),
    (_m(Role.EXIST), "exist, exists, existing, are there, is there, there are, do we have, do i have, we have, have we got, did we use, do we use, are we using, we use, we used, we are using, in use, are used, being used, use, used, uses, using us, active, available, known, in place, were used, was used, have we used, are we in, do you have, do you see, can you see, do you know, do we run, do we operate in, are we running, are we running in, i use, am i using, do i use, show up, present in"),
    (_m(Role.THAT), "that, those, these, this, it again, same thing, the same, same again, the above, them all, this one, that one, same question, the previous question, the last question"),
    (_m(Role.OP, ">"), ">, over, above, more than, greater than, higher than, larger than, bigger than, exceeding, exceed, exceeds, exceeded, in excess of, upwards of, north of, gt, north to, beyond, costing over, costing more than, that cost more than, worth more than, >>, bigger then, more then, surpassing, passing, past the mark of"),
    (_m(Role.OP, ">="), ">=, at least, no less than, not less than, minimum of, min, or more than, => , gte, greater than or equal to, from at least, starting at, ≥"),
    (_m(Role.OP, "<"), "<, under, below, less than, lower than, smaller than, cheaper than, fewer than, lt, south of, beneath, costing less than, costing under, less then"),
    (_m(Role.OP, "<="), "<=, at most, no more than, not more than, up to, maximum of, lte, less than or equal to, not exceeding, =<, ≤, within"),
    (_m(Role.CURRENCY, "USD"), "usd, in usd, us dollars, in us dollars, dollars, dollar, bucks, $, in $"),
    (_m(Role.CURRENCY, "EUR"), "eur, euro, euros, in eur, in euro, in euros, €, in €"),
    (_m(Role.CURRENCY, "GBP"), "gbp, pound sterling, pounds, british pounds, in gbp, in pounds, £, in £"),
    *((_m(Role.CURRENCY, code.upper()), f"{code}, in {code}, {name}, in {name}") for code, name in (("jpy", "yen"), ("chf", "swiss francs"), ("cad", "canadian dollars"), ("aud", "australian dollars"), ("inr", "rupees"), ("brl", "reais"), ("sek", "swedish kronor"), ("nok", "norwegian kroner"), ("dkk", "danish kroner"), ("pln", "zloty"), ("cny", "yuan"), ("sgd", "singapore dollars"), ("nzd", "new zealand dollars"), ("zar", "rand"), ("mxn", "mexican pesos"), ("krw", "won"))),
    (_m(Role.AVERAGE), "average, avg, mean, averages, on average, median, averaged, averaging"),
    (_m(Role.SOURCE), "data, dataset, ledger, the numbers"),
    (_m(Role.EQUALS), "=, :, ==, equals, equal to, is set to, set to, called, named, with name, with id, id, #, with value"),
    (_m(Role.UNKNOWN), "resource group, resource groups, drop table, select, insert into, union select, delete from, select from, truncate table, per capita, availability zone, availability zones, business unit, business units, weekday, weekdays"),
)  # fmt: skip

NEVER_TYPOS: Final = frozenset(
    """
    payments payment marketing sales support product design legal security billing checkout mobile website
    lambda athena heroku cast lost post host hosts coast coasts casts boast teams beam steam dream cream tram
    weak leak lake bake make made male late date rate gate hate fate team tame time tide tile file fine find
    bank rank tank sank sink pink link lint hint mint mind kind king ring sing song long lung hung rung
    house mouse horse nurse purse curse course source force forge large charge change chance dance
    aurora oracle stripe vercel netlify github gitlab datadog sentry twilio sendgrid mongodb confluent
    elastic splunk pagerduty newrelic cloudflare fastly akamai linode digitalocean hetzner render supabase
    neon planetscale databricks snowflake mistral cohere groq perplexity replicate huggingface together
    """.split()
)
"""Real words that are close to ours and must not be taken for a slip of the finger."""


class Lexicon:
    """The table, indexed by first word."""

    def __init__(self) -> None:
        self.by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
        for meaning, phrases in TABLE:
            for phrase in phrases.split(","):
                words = tuple(token.norm for token in tokenize(phrase.strip()).tokens)
                words = tuple(word for word in words if word != "-") or words
                if words:
                    self.by_first.setdefault(words[0], []).append((words, meaning))
        self.by_first.setdefault(",", []).append(((",",), Meaning(Role.AND, ",")))
        self.words = frozenset(word for rows in self.by_first.values() for words, _ in rows for word in words)


@cache
def lexicon() -> Lexicon:
    """The lexicon, built on first use."""
    return Lexicon()
