"""The simulated Recommender's daily export to BigQuery: what could be saved in Lumen Robotics' projects.

Columns as GoogleCloudPlatform/professional-services queries them (``recommendations_export``) and as the page "Export
recommendations to BigQuery" has them: one partition a day with all that is open then, savings as costs below zero.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

DATASET, NAME = "recommender", "recommendations_export"
_ITEMS = (
    # recommender, subtype, location, project, resource, units, nanos, seconds, category, state
    ("google.compute.instance.IdleResourceRecommender", "STOP_VM", "europe-west3-a", "lumen-web", "instances/old-vm",
     -48, -500_000_000, 2_592_000, "COST", "ACTIVE"),
    ("google.compute.instance.MachineTypeRecommender", "CHANGE_MACHINE_TYPE", "us-central1-b", "lumen-ml",
     "instances/trainer", -120, -250_000_001, 2_592_000, "COST", "ACTIVE"),
    ("google.compute.commitment.UsageCommitmentRecommender", "NO_RESOURCE", "us-central1", "lumen-ml", "",
     -10, 0, 864_000, "COST", "ACTIVE"),
    ("google.compute.disk.IdleResourceRecommender", "SNAPSHOT_AND_DELETE_DISK", "europe-west3-a", "lumen-web",
     "disks/gone", -7, 0, 2_592_000, "COST", "CLAIMED"),
    ("google.iam.policy.Recommender", "REMOVE_ROLE", "global", "lumen-web", "", 0, 0, 0, "SECURITY", "ACTIVE"),
)  # fmt: skip
SCHEMA = """CREATE TABLE recommendation (
    name VARCHAR, location VARCHAR, recommender VARCHAR, recommender_subtype VARCHAR, cloud_entity_type VARCHAR,
    cloud_entity_id VARCHAR, description VARCHAR, target_resources VARCHAR[], state VARCHAR, priority VARCHAR,
    last_refresh_time TIMESTAMPTZ, exported TIMESTAMPTZ,
    primary_impact STRUCT(category VARCHAR, cost_projection STRUCT(
        cost STRUCT(currency_code VARCHAR, units BIGINT, nanos INTEGER),
        duration STRUCT(seconds BIGINT, nanos INTEGER))))"""
"""The table in DuckDB; ``exported`` stands for the partition."""
INSERT = "INSERT INTO recommendation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
OUT = (
    "(SELECT *, date_trunc('day', exported) AS _PARTITIONTIME FROM recommendation "
    "WHERE exported <= CAST($now AS TIMESTAMPTZ))"
)
_NEWLY_FOUND = (2, 1)
"""By age in days and place: a recommendation of yesterday that the day before did not have."""


def rows(today: date, now: datetime) -> list[tuple[Any, ...]]:
    """The export's rows of yesterday and the day before: each day has all that is open, so that most come twice."""
    found = []
    for age in (2, 1):
        exported = now.replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=age)
        for number, row in enumerate(_ITEMS):
            recommender, subtype, location, project, resource, units, nanos, seconds, category, state = row
            if (age, number) == _NEWLY_FOUND:
                continue
            full = f"//compute.googleapis.com/projects/{project}/zones/{location}/{resource}" if resource else ""
            projection = {
                "cost": {"currency_code": "USD", "units": units, "nanos": nanos},
                "duration": {"seconds": seconds, "nanos": 0},
            }
            found.append(
                (
                    f"projects/4711/locations/{location}/recommenders/{recommender}/recommendations/{number}",
                    location,
                    recommender,
                    subtype,
                    "PROJECT_NUMBER",
                    project if not resource else "4711",
                    f"Recommendation {number} of {today - timedelta(days=age)}",
                    [full] if full else [],
                    state,
                    "P2",
                    exported,
                    exported,
                    {"category": category, "cost_projection": projection if category == "COST" else None},
                )
            )
    return found
