"""The address of the reports page of a billing account for a question, where it can show the same days and charges.

Google does not document these addresses; public links to reports (2i2c-org/infrastructure, "Cloud billing data") show
``timeRange=CUSTOM_RANGE;from=…;to=…`` with the last day shown, and ``grouping``.
"""

from __future__ import annotations

import re

from bot.domain.question import Question

_ACCOUNT = re.compile(r"([0-9A-F]{6})_([0-9A-F]{6})_([0-9A-F]{6})$")
_GROUPS = {"ServiceName": "GROUP_BY_SERVICE", "SubAccountName": "GROUP_BY_PROJECT", "SkuId": "GROUP_BY_SKU"}


def reports_url(question: Question, billing_table: str) -> str | None:
    """The page with the question's days; None where it filters, or the export's table does not name its account.

    Filters need Google's own ids of projects and services, which the ledger does not keep.
    """
    account, period = _ACCOUNT.search(billing_table), question.period
    filtered = [one for one in question.where if one.dimension != "ServiceProviderName"]
    if account is None or period is None or filtered or question.charges != "net" or question.metric != "BilledCost":
        return None
    shown = ["timeRange=CUSTOM_RANGE", f"from={period.start}", f"to={period.last}"]
    shown += [f"grouping={_GROUPS[name]}" for name in question.by[:1] if name in _GROUPS]
    return f"https://console.cloud.google.com/billing/{'-'.join(account.groups())}/reports;{';'.join(shown)}"
