"""What Google's names stand for: service categories, places, models."""

from __future__ import annotations

import re
from functools import lru_cache

_CATEGORIES = {
    "AI and Machine Learning": (
        "Vertex AI",
        "Gemini API",
        "Generative Language API",
        "Cloud Vision API",
        "Cloud Natural Language API",
        "Cloud Natural Language",
        "Cloud Speech API",
        "Cloud Text-to-Speech API",
        "Cloud Translation API",
        "Translate",
        "Cloud Document AI API",
        "Document AI",
        "Dialogflow API",
        "Cloud AutoML",
        "AI Platform",
        "Cloud Machine Learning Engine",
        "Cloud Video Intelligence API",
        "Recommendations AI",
        "TPU",
        "Gemini Code Assist",
        "Discovery Engine",
        "Vertex AI Search",
        "Contact Center AI",
    ),
    "Analytics": (
        "BigQuery",
        "BigQuery Reservation API",
        "BigQuery Storage API",
        "BigQuery BI Engine",
        "BigQuery Data Transfer Service",
        "Cloud Dataflow",
        "Cloud Dataproc",
        "Dataproc",
        "Cloud Composer",
        "Cloud Data Fusion",
        "Dataplex",
        "Data Catalog",
        "Looker",
        "Looker Studio",
        "Dataform",
        "Datastream",
    ),
    "Compute": (
        "Compute Engine",
        "Kubernetes Engine",
        "App Engine",
        "Cloud Run",
        "Cloud Run Functions",
        "Cloud Functions",
        "Batch",
        "VMware Engine",
        "Google Cloud VMware Engine",
        "Bare Metal Solution",
        "Anthos",
        "GKE Enterprise",
        "Cloud TPU",
    ),
    "Databases": (
        "Cloud SQL",
        "Cloud Spanner",
        "Cloud Bigtable",
        "Cloud Firestore",
        "Firestore",
        "Cloud Datastore",
        "Cloud Memorystore for Redis",
        "Cloud Memorystore for Memcached",
        "Memorystore for Valkey",
        "AlloyDB",
        "Firebase Realtime Database",
        "Database Migration Service",
    ),
    "Developer Tools": (
        "Cloud Build",
        "Artifact Registry",
        "Container Registry",
        "Container Registry Vulnerability Scanning",
        "Source Repository",
        "Cloud Source Repositories",
        "Cloud Workstations",
        "Cloud Deploy",
        "Cloud Shell",
        "Firebase Test Lab",
    ),
    "Identity": (
        "Identity Platform",
        "Cloud Identity",
        "Cloud Identity-Aware Proxy",
        "Managed Service for Microsoft Active Directory",
    ),
    "Integration": (
        "Cloud Pub/Sub",
        "Cloud Tasks",
        "Cloud Scheduler",
        "Workflows",
        "Eventarc",
        "Apigee",
        "API Gateway",
        "Application Integration",
        "Managed Service for Apache Kafka",
    ),
    "Management and Governance": (
        "Cloud Logging",
        "Cloud Monitoring",
        "Stackdriver",
        "Stackdriver Logging",
        "Stackdriver Monitoring",
        "Cloud Trace",
        "Cloud Asset Inventory",
        "Support",
        "Cloud Support",
        "Backup and DR Service",
    ),
    "Media": ("Transcoder API", "Live Stream API", "Video Stitcher API"),
    "Migration": ("Storage Transfer Service", "Transfer Appliance", "Migrate to Virtual Machines"),
    "Mobile": ("Firebase", "Firebase Hosting", "Firebase Auth", "Firebase Cloud Messaging"),
    "Networking": (
        "Networking",
        "Cloud DNS",
        "Cloud CDN",
        "Cloud NAT",
        "Cloud VPN",
        "Cloud Interconnect",
        "Network Intelligence Center",
        "Cloud Load Balancing",
        "Network Connectivity Center",
        "Service Directory",
        "Traffic Director",
    ),
    "Security": (
        "Cloud Key Management Service (KMS)",
        "Secret Manager",
        "Security Command Center",
        "Cloud Armor",
        "Network Security",
        "Certificate Authority Service",
        "Chronicle",
        "Google Security Operations",
        "reCAPTCHA Enterprise",
        "Sensitive Data Protection",
        "Cloud Data Loss Prevention",
        "Binary Authorization",
        "Cloud IDS",
    ),
    "Storage": (
        "Cloud Storage",
        "Cloud Filestore",
        "Filestore",
        "Google Cloud NetApp Volumes",
        "Backup for GKE",
        "Parallelstore",
        "Managed Lustre",
    ),
    "Web": ("Maps API", "Google Maps Platform", "Places API", "Routes API", "Geocoding API"),
}
_CATEGORY = {service.casefold(): category for category, services in _CATEGORIES.items() for service in services}

_PLACES = {
    "africa-south1": "Johannesburg",
    "asia-east1": "Taiwan",
    "asia-east2": "Hong Kong",
    "asia-northeast1": "Tokyo",
    "asia-northeast2": "Osaka",
    "asia-northeast3": "Seoul",
    "asia-south1": "Mumbai",
    "asia-south2": "Delhi",
    "asia-southeast1": "Singapore",
    "asia-southeast2": "Jakarta",
    "asia-southeast3": "Bangkok",
    "australia-southeast1": "Sydney",
    "australia-southeast2": "Melbourne",
    "europe-central2": "Warsaw",
    "europe-north1": "Finland",
    "europe-north2": "Stockholm",
    "europe-southwest1": "Madrid",
    "europe-west1": "Belgium",
    "europe-west10": "Berlin",
    "europe-west12": "Turin",
    "europe-west2": "London",
    "europe-west3": "Frankfurt",
    "europe-west4": "Netherlands",
    "europe-west6": "Zurich",
    "europe-west8": "Milan",
    "europe-west9": "Paris",
    "me-central1": "Doha",
    "me-central2": "Dammam",
    "me-west1": "Tel Aviv",
    "northamerica-northeast1": "Montréal",
    "northamerica-northeast2": "Toronto",
    "northamerica-south1": "Mexico",
    "southamerica-east1": "São Paulo",
    "southamerica-west1": "Santiago",
    "us-central1": "Iowa",
    "us-east1": "South Carolina",
    "us-east4": "Northern Virginia",
    "us-east5": "Columbus",
    "us-south1": "Dallas",
    "us-west1": "Oregon",
    "us-west2": "Los Angeles",
    "us-west3": "Salt Lake City",
    "us-west4": "Las Vegas",
    "us": "United States (multi-region)",
    "eu": "European Union (multi-region)",
    "asia": "Asia (multi-region)",
}

_RESOURCE = re.compile(r"//([^/]+)/(?:.*/)?([^/]+)/[^/]+")
_FAMILY = re.compile(
    r"\b(Gemini|Gemma|Claude|Llama|Mistral|Codestral|DeepSeek|Qwen|Jamba|Imagen|Veo|Grok)\b", re.IGNORECASE
)
_STOP = re.compile(
    r"\b(text|image|audio|video|input|output|inputs|outputs|token|tokens|cache|cached|caching|batch|predictions?|"
    r"thinking|priority|flex|global|regional|online|character|characters|generation|long|ga|multimodal|document)\b|[-–(,:]\s",
    re.IGNORECASE,
)
_TIMES = frozenset({"second", "minute", "hour", "day", "month", "year"})
_SIZE = re.compile("(kibi|mebi|gibi|tebi|pebi|exbi)?byte")
_OLD_GEMINI = re.compile(r"gemini-1\.[05]")


def service_category(service: str) -> str:
    """FOCUS's category of a service; "Other" for one not known."""
    return _CATEGORY.get(service.casefold()) or ("AI and Machine Learning" if model_of(service) else "Other")


def region_name(region: str) -> str:
    """The place a region is called after (``europe-west3`` is "Frankfurt"); ``""`` for one not known."""
    return _PLACES.get(region, "")


def resource_type(global_name: str) -> str:
    """The kind in ``//compute.googleapis.com/projects/p/instances/7`` is "compute.googleapis.com/instances"."""
    found = _RESOURCE.fullmatch(global_name)
    return f"{found[1]}/{found[2]}" if found else ""


@lru_cache(maxsize=4096)
def model_of(sku: str) -> str:
    """The model a SKU meters (``Gemini 3 Pro Text Input`` is "gemini-3-pro"), or ``""``."""
    found = _FAMILY.search(sku)
    if found is None:
        return ""
    words = sku[found.start() :]
    stop = _STOP.search(words)
    model = words[: stop.start()] if stop else words
    return re.sub(r"[\s_]+", "-", model.strip(" -–")).lower()


@lru_cache(maxsize=4096)
def token_type_of(sku: str) -> str:
    """Which tokens a model's SKU meters: ``input``, ``cached_input``, ``cache_write``, ``output``, or ``""``."""
    words = sku.casefold()
    if not model_of(sku):
        return ""
    if "cache write" in words or "caching storage" in words:
        return "cache_write" if "write" in words else "cache_storage"
    if "cach" in words:
        return "cached_input"
    return "output" if "output" in words else "input" if "input" in words else ""


@lru_cache(maxsize=4096)
def unit_of(sku: str, unit: str) -> str:
    """The pricing unit in FOCUS's spelling (``gibibyte month`` is "GiB-Months"); Google's word where it has none.

    What a model's SKU counts are "Tokens".
    """
    if unit == "count" and token_type_of(sku) and not _OLD_GEMINI.search(model_of(sku)):
        return unit if "character" in sku.casefold() else "Tokens"
    *what, last = unit.split(" ")
    if last in _TIMES and len(what) <= 1:
        size = _size(what[0]) if what else ""
        return f"{size}-{last.capitalize()}s" if size else f"{last.capitalize()}s" if not what else unit
    return _size(unit) or unit


def _size(word: str) -> str:
    """``gibibyte`` is "GiB", ``byte`` "B"; ``""`` for no size."""
    found = _SIZE.fullmatch(word)
    return f"{(found[1] or '')[:1].upper()}{'i' if found[1] else ''}B" if found else ""


def pricing_category(service: str, sku: str) -> str:
    """FOCUS's pricing category as far as the SKU's name tells it."""
    if sku.startswith(("Spot ", "Preemptible ")) or "Spot Preemptible" in sku:
        return "Dynamic"
    if sku.startswith("Commitment") or "Reservation" in service:
        return "Committed"
    return "Standard"
