"""Google Cloud's bills, read from the billing export in BigQuery.

There is no Google API that tells costs; the export is the only source. It may be the detailed export (with
resources), the standard one, or the FOCUS one; its columns tell which. One feed, "fine", tells everything
apart. Costs are net: of the credits in a row, promotions, free tiers and subscription benefits become
Credit charges of their own, the others lower the cost of the usage they stand on. Days are UTC. Rows
arrive hours to days late and are corrected by further rows until the invoice month closes and after; the
invoice month stands in ``x_BillingMonth`` where it is not the day's own. Every query is priced by a dry run
and can read no more than that.

Source: "Structure of Standard/Detailed/FOCUS data export" of Cloud Billing; BigQuery API v2.
"""

from bot.providers.gcp.catalogue import BillingAccount, BudgetLimit, Catalogue, ListPrice
from bot.providers.gcp.provider import Gcp
from bot.providers.gcp.settings import GcpSettings

__all__ = ["BillingAccount", "BudgetLimit", "Catalogue", "Gcp", "GcpSettings", "ListPrice"]
