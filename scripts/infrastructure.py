"""Writes the parts of ``deploy/`` that follow from the code: the AWS policy and the columns of the FOCUS export.

``python -m scripts.infrastructure`` writes them; a test holds them to the code.
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

from bot.providers.aws import AwsSettings
from bot.providers.aws.policy import policy

ROOT = Path(__file__).parent.parent
CLOUDFORMATION = ROOT / "deploy" / "aws" / "cloudformation.yaml"
TERRAFORM = ROOT / "deploy" / "aws" / "main.tf"
POLICY = ROOT / "deploy" / "aws" / "policy.json"
BUCKET = "EXPORT_BUCKET"
"""Stands for the bucket in the policy file; Terraform puts the real one in its place."""
COLUMNS = (
    "AvailabilityZone, BilledCost, BillingAccountId, BillingAccountName, BillingAccountType, BillingCurrency,"
    " BillingPeriodEnd, BillingPeriodStart, CapacityReservationId, CapacityReservationStatus, ChargeCategory,"
    " ChargeClass, ChargeDescription, ChargeFrequency, ChargePeriodEnd, ChargePeriodStart,"
    " CommitmentDiscountCategory, CommitmentDiscountId, CommitmentDiscountName, CommitmentDiscountQuantity,"
    " CommitmentDiscountStatus, CommitmentDiscountType, CommitmentDiscountUnit, ConsumedQuantity, ConsumedUnit,"
    " ContractedCost, ContractedUnitPrice, EffectiveCost, InvoiceId, InvoiceIssuerName, ListCost, ListUnitPrice,"
    " PricingCategory, PricingCurrency, PricingCurrencyContractedUnitPrice, PricingCurrencyEffectiveCost,"
    " PricingCurrencyListUnitPrice, PricingQuantity, PricingUnit, ProviderName, PublisherName, RegionId, RegionName,"
    " ResourceId, ResourceName, ResourceType, ServiceCategory, ServiceName, ServiceSubcategory, SkuId, SkuMeter,"
    " SkuPriceDetails, SkuPriceId, SubAccountId, SubAccountName, SubAccountType, Tags, x_Discounts, x_Operation,"
    " x_ServiceCode"
)
"""Columns of AWS's table FOCUS_1_2_AWS; a data export's query names each (``SELECT *`` is refused)."""
QUERY = f"SELECT {COLUMNS} FROM FOCUS_1_2_AWS"  # noqa: S608 - constants of ours, run by AWS
_INDENT = " " * 14


def statements() -> list[dict[str, object]]:
    """What a bot that uses every feed and an export under ``spend/`` may do."""
    settings = AwsSettings.model_validate({"data_export": f"s3://{BUCKET}/spend", "cost_categories": "any"})
    found: list[dict[str, object]] = json.loads(policy(settings))["Statement"]
    return found


def policy_json() -> str:
    """The policy file for Terraform."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements()}, indent=2) + "\n"


def cloudformation(template: str) -> str:
    """The template with the policy's statements between its marks."""
    lines = []
    for statement in statements():
        text = json.dumps(statement).replace(f'"arn:aws:s3:::{BUCKET}"', "!GetAtt Bucket.Arn")
        text = re.sub(rf'"arn:aws:s3:::{BUCKET}/[^"]*"', '!Sub "${Bucket.Arn}/${ExportPrefix}/*"', text)
        lines.append(f"- {text}")
    block = textwrap.indent("\n".join(lines), _INDENT)
    template = re.sub("QueryStatement: .*", f"QueryStatement: {QUERY}", template)
    marked = re.compile(r"( *# begin policy\n).*?( *# end policy\n)", re.DOTALL)
    return marked.sub(lambda match: f"{match[1]}{block}\n{match[2]}", template)


def terraform(module: str) -> str:
    """The Terraform module with the columns of the export."""
    return re.sub('query_statement = ".*"', f'query_statement = "{QUERY}"', module)


def main() -> None:
    """Write them."""
    POLICY.write_text(policy_json())
    CLOUDFORMATION.write_text(cloudformation(CLOUDFORMATION.read_text()))
    TERRAFORM.write_text(terraform(TERRAFORM.read_text()))


if __name__ == "__main__":
    main()
