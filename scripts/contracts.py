"""What adapters send and read, and simulators take, held against the vendors' SDKs: ``python -m scripts.contracts``.

Each comparison yields sentences; those on the reviewed list, each with the reason why it may stand, are left out. The
test command runs all of it, so that a new version of an SDK shows what is new, and a simulator cannot drift from what
its vendor takes.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, get_args, get_origin, get_type_hints

REVIEWED: Mapping[str, str] = {
    "OpenAI has usage that no adapter reads: moderations": "free of charge",
    "OpenAI has usage that no adapter reads: vector_stores": "bytes do not add up over days; billed as line items",
    "OpenAI's costs: the adapter reads organization_id, which the SDK does not have": "read where a reply has it",
    "OpenAI's costs: the adapter reads organization_name, which the SDK does not have": "as above",
    "OpenAI's projects: the adapter reads user, which the SDK does not have": "of users; one class reads all lists",
    "OpenAI's projects: the adapter reads email, which the SDK does not have": "of users; one class reads all lists",
}
"""Differences that were looked at, and why they may stand."""


def differences(reviewed: Mapping[str, str] = REVIEWED) -> Iterator[str]:
    """Every difference that nobody has reviewed, and every one reviewed that is none any more."""
    found = [item for compare in (_openai, _anthropic, _aws, _google) for item in compare()]
    yield from (item for item in found if item not in reviewed)
    yield from (f"No difference any more: {item}" for item in reviewed if item not in found)


# OpenAI ---------------------------------------------------------------------------------------------------


def _openai() -> Iterator[str]:
    from bot.providers.openai.charges import METERS, TOOLS
    from bot.providers.openai.responses import Cost, NamedItem, UsageRow
    from simulators.openai import server

    base = "openai.types.admin.organization"
    params = {name: _typed_dict(f"{base}.usage_{name}_params") for name in ("costs", *METERS)}
    yield from _apart("OpenAI's costs parameters", set(params["costs"]), server._COSTS_PARAMS)
    yield from _apart("OpenAI's usage parameters", set(params["completions"]), server._USAGE_PARAMS)
    yield from _apart("OpenAI's groups of costs", _literals(params["costs"]["group_by"]), server._COSTS_BY)
    groups = _literals(params["completions"]["group_by"])
    yield from _apart("OpenAI's groups of completions", groups, server._COMPLETIONS_BY)
    for name in METERS:
        lacking = {"project_id", "model", "api_key_id", "user_id"} - _literals(params[name]["group_by"])
        yield from (f"OpenAI's usage of {name} cannot be grouped by {item}" for item in sorted(lacking))
    for name, (count, *_) in TOOLS.items():
        known = _literals(_typed_dict(f"{base}.usage_{name}_params")["group_by"])
        yield from _apart(f"OpenAI's groups of {name}", known, server._TOOLS_BY[name])
        lacking = {"project_id", *(["api_key_id", "user_id"] if count == "num_requests" else [])} - known
        yield from (f"OpenAI's usage of {name} cannot be grouped by {item}" for item in sorted(lacking))
    found = {match[1] for module in _modules(base) if (match := re.fullmatch(r"usage_(\w+)_params", module))}
    yield from (
        f"OpenAI has usage that no adapter reads: {item}" for item in sorted(found - {*METERS, *TOOLS, "costs"})
    )
    responses = import_module(f"{base}.usage_costs_response")
    fields = {name for item in _classes(responses) if "Costs" in item.__name__ for name in item.model_fields}
    yield from _unknown("OpenAI's costs", set(Cost.model_fields), fields)
    metered = {name for item in _classes(responses) if "Usage" in item.__name__ for name in item.model_fields}
    yield from _unknown("OpenAI's usage", set(UsageRow.model_fields), metered)
    project = import_module(f"{base}.project").Project
    yield from _unknown("OpenAI's projects", set(NamedItem.model_fields), set(project.model_fields))
    for kind, most in server._MOST.items():
        documented = inspect.getsource(import_module(f"{base}.usage_{_FIRST[kind]}_params"))
        if f"{most}" not in documented:
            yield f"OpenAI's limit of {kind} is documented otherwise than as {most}"


_FIRST = {"costs": "costs", "usage": "completions"}


# Anthropic ------------------------------------------------------------------------------------------------


def _anthropic() -> Iterator[str]:
    from bot.providers.anthropic import provider, responses
    from simulators.anthropic import rows, server

    base = "anthropic.types.beta.organization.analytics"
    for what in ("cost", "usage"):
        known = set(_typed_dict(f"{base}.{what}_list_params")) - {"betas"}
        yield from _apart(f"Anthropic's parameters of analytics/{what}", known, server._ANALYTICS_PARAMS)
    cost = import_module(f"{base}.beta_analytics_cost_group_by").BetaAnalyticsCostGroupBy
    usage = import_module(f"{base}.beta_analytics_usage_group_by").BetaAnalyticsUsageGroupBy
    yield from _apart("Anthropic's groups of costs", _literals(cost), set(rows.GROUPS))
    yield from _apart("Anthropic's groups of usage", _literals(usage), set(rows.GROUPS) - rows.FANNED)
    source = inspect.getsource(import_module(f"{base}.cost_list_params"))
    if provider._BETA not in source or server.BETA not in source:
        yield "Anthropic's beta header of the analytics is another one now"
    if f"at most {server._MOST_GROUPS}, not counting" not in " ".join(source.split()):
        yield f"Anthropic's analytics group by another number than {server._MOST_GROUPS}"
    group = import_module(f"{base}.beta_analytics_cost_group").BetaAnalyticsCostGroup
    yield from _unknown("Anthropic's cost groups", set(responses.AnalyticsGroup.model_fields), set(group.model_fields))
    metrics = import_module(f"{base}.beta_analytics_usage_metrics").BetaAnalyticsUsageMetrics
    yield from _unknown("Anthropic's usage", set(responses.TokenCounts.model_fields), set(metrics.model_fields))


# AWS ------------------------------------------------------------------------------------------------------


def _aws() -> Iterator[str]:
    import botocore.session

    from bot.providers.aws import AwsSettings, errors, groupings, policy
    from simulators.aws import rules

    session = botocore.session.Session()
    settings = AwsSettings(data_export="s3://bucket/prefix/name", cost_categories="Stage")
    known = {code for codes, *_ in errors.REFUSALS for code in codes} | errors.DENIED
    for name in sorted({kind.operation for kind in policy.requests(settings)}):
        service, operation = name.split(":")
        model = session.get_service_model(service)
        if operation not in model.operation_names:
            yield f"AWS has no operation {name}"
            continue
        for error in model.operation_model(operation).error_shapes:
            handled = {error.name, error.metadata.get("error", {}).get("code", error.name)} & (known | _STOPS)
            if not handled and service != "s3":
                yield f"AWS's {name} may answer {error.name}, of which nothing is said"
    usage: Any = session.get_service_model("ce").operation_model("GetCostAndUsage").input_shape
    documented = set(
        re.findall(r"<code>([A-Z]\w+(?:Cost|Quantity|Amount))</code>", usage.members["Metrics"].documentation)
    )
    yield from _apart("Cost Explorer's metrics", documented, set(rules.METRICS))
    sent = {*groupings.COSTS, *groupings.PRICES, groupings.QUANTITY}
    yield from (f"Cost Explorer has no metric {item}" for item in sorted(sent - documented))
    groups = set(re.findall(r"<code>([A-Z_]+)</code>", usage.members["GroupBy"].documentation))
    lacking = groups - set(rules.GROUPS) - {"DIMENSION", "TAG", "PRODUCT_ATTRIBUTE"}
    yield from (f"Cost Explorer groups by {item}, the simulator does not" for item in sorted(lacking))


_STOPS = frozenset(
    {
        *("ValidationException", "InvalidParameterException", "NotFoundException"),
        *("UnresolvableUsageUnitException", "InternalErrorException"),
        *("InternalServerException", "ServiceQuotaExceededException"),
    }
)
"""Errors that stop with AWS's own words, as ``RequestRefused`` or, of the vendor's own making, as ``Unavailable``."""


# Google Cloud ---------------------------------------------------------------------------------------------


def _google() -> Iterator[str]:
    """Budgets, accounts and SKUs are read through Google's own classes; what must be there are the names used."""
    from google.cloud import bigquery
    from google.cloud.billing.budgets_v1 import Budget, Filter
    from google.cloud.billing_v1 import Sku

    used: Mapping[Any, AbstractSet[str]] = {
        Budget: {"name", "display_name", "budget_filter", "amount"},
        Filter: {"projects", "services", "labels", "calendar_period"},
        Sku: {"sku_id", "description", "pricing_info", "service_regions"},
    }
    for message, names in used.items():
        yield from _unknown(f"Google's {message.__name__}", names, set(message.meta.fields))
    for name in ("maximum_bytes_billed", "query_parameters", "dry_run", "labels", "use_query_cache"):
        if not hasattr(bigquery.QueryJobConfig, name):
            yield f"BigQuery's QueryJobConfig has no {name}"


# Shared ---------------------------------------------------------------------------------------------------


def _apart(what: str, theirs: AbstractSet[str], ours: Iterable[str]) -> Iterator[str]:
    mine = set(ours)
    yield from (f"{what}: {item} is new" for item in sorted(theirs - mine))
    yield from (f"{what}: {item} is gone" for item in sorted(mine - theirs))


def _unknown(what: str, ours: AbstractSet[str], theirs: AbstractSet[str]) -> Iterator[str]:
    yield from (f"{what}: the adapter reads {item}, which the SDK does not have" for item in sorted(ours - theirs))


def _modules(package: str) -> set[str]:
    return {module.name for module in iter_modules(import_module(package).__path__)}


def _typed_dict(module: str) -> dict[str, Any]:
    loaded = import_module(module)
    name = module.rpartition(".")[2].replace("_", "")
    [found] = [var for var in vars(loaded).values() if getattr(var, "__name__", "").lower() == name]
    return get_type_hints(found)


def _classes(module: object) -> list[Any]:
    return [var for var in vars(module).values() if inspect.isclass(var) and hasattr(var, "model_fields")]


def _literals(hint: object) -> set[str]:
    if get_origin(hint) is Literal:
        return set(map(str, get_args(hint)))
    return {literal for part in get_args(hint) for literal in _literals(part)}


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Prints what differs; 1 where anything does."""
    found = list(differences())
    write("".join(f"{item}\n" for item in found) or "Adapters and simulators agree with the SDKs.\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
