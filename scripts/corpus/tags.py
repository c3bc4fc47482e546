"""Tags in every shape, and other columns of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.corpus.made import TOTAL, Case, rows, text

_AWS = {"user:team": "core", "aws:createdBy": "root"}


def tags() -> Iterator[Case]:
    """Tags in every shape."""
    both = {"team": "core", "env": "prod"}
    shapes: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "object": ('{"team": "core", "env": "prod"}', both),
        "list-of-pairs": ('[{"key": "team", "value": "core"}, {"key": "env", "value": "prod"}]', both),
        "list-upper-case": ('[{"Key": "team", "Value": "core"}, {"Key": "env", "Value": "prod"}]', both),
        "list-of-objects": ('[{"team": "core"}, {"env": "prod"}]', both),
        "without-braces-azure": ('"team": "core","env": "prod"', both),
        "athena-map": ("{team=core, env=prod}", both),
        "assignments": ("team=core;env=prod", both),
        "colons": ("team:core;env:prod", both),
        "python-dict": ("{'team': 'core', 'env': 'prod'}", both),
        "python-pairs": ("[('team', 'core'), ('env', 'prod')]", both),
        "json-within-json": ('"{\\"team\\": \\"core\\", \\"env\\": \\"prod\\"}"', both),
        "null-value": ('{"team": "core", "owner": null, "empty": ""}', {"team": "core"}),
        "typed": (
            '{"on": true, "off": false, "n": 1.50, "i": 7}',
            {"on": "true", "off": "false", "n": "1.50", "i": "7"},
        ),
        "nested": ('{"team": {"a": [1, 2]}}', {"team": '{"a": [1, 2]}'}),
        "pretty-snowflake": ('{\n  "team": "core",\n  "env": "prod"\n}', both),
        "list-of-texts": ('["team:core", "env:prod"]', both),
        "list-of-assignments": ('["team=core", "env=prod"]', both),
        "quotes-doubled-twice": ('{""team"": ""core"", ""env"": ""prod""}', both),
        "quotes-with-backslashes": ('{\\"team\\": \\"core\\", \\"env\\": \\"prod\\"}', both),
        "in-quotes-of-their-own": ('\'{"team": "core", "env": "prod"}\'', both),
        "hstore-postgresql": ('"team"=>"core", "env"=>"prod", "owner"=>NULL', both),
        "hash-ruby": ('{"team"=>"core", "env"=>"prod"}', both),
        "map-go": ("map[env:prod team:core]", both),
        "athena-null": ("{team=core, owner=null}", {"team": "core"}),
        "athena-value-with-sign": ("{team=core, url=https://a/b?x=1}", {"team": "core", "url": "https://a/b?x=1"}),
        "keys-with-colons-aws": ('{"user:team": "core", "aws:createdBy": "root"}', _AWS),
        "keys-with-slashes-oci": ('{"Oracle-Tags/CreatedBy": "me"}', {"Oracle-Tags/CreatedBy": "me"}),
        "key-twice": ('{"team": "a", "team": "core"}', {"team": "core"}),
        "key-empty": ('{"": "x", "team": "core"}', {"team": "core"}),
        "tag-key-tag-value": ('[{"TagKey": "team", "TagValue": "core"}]', {"team": "core"}),
        "trailing-comma": ('{"team": "core",}', {"team": "core"}),
        "dash": ("-", {}),
        "not-available": ("N/A", {}),
        "none": ("{}", {}),
        "null": ("null", {}),
        "empty-list": ("[]", {}),
    }
    for name, (written, meant) in shapes.items():
        yield Case(f"tags-{name}.csv", text(rows(Tags=written)).encode(), TOTAL, tags=meant)
    for n, bad in enumerate(("{broken", "core", "[1, 2]", '{"a": "b"', "[" * 9000, '["team"]', "a=>b")):
        yield Case(f"refused-tags-{n}.csv", text(rows(Tags=bad)).encode(), refused="row 2, column Tags: ")
    yield Case("category-lower-case-gcp.csv", text(rows(ChargeCategory="usage")).encode(), TOTAL)
    yield Case(
        "category-unknown.csv", text(rows(ChargeCategory="Gift")).encode(), refused="row 2, column ChargeCategory"
    )
    yield Case("provider-empty.csv", text(rows(ProviderName="")).encode(), refused="row 2, column ProviderName")
    older = [{"ServiceProviderName": "", **charge} for charge in rows()]
    yield Case("provider-in-the-older-column-1.3.csv", text(older).encode(), TOTAL)
    yield Case("account-as-float-pandas.csv", text(rows(BillingAccountId="123456789012.0")).encode(), TOTAL)
