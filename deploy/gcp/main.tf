# A service account for spend that reads the billing export and prices, and the dataset that the export is written to.
# Switching the export on has no API: in the console, Billing → Billing export → BigQuery export → this dataset.

terraform {
  required_version = ">= 1.6"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0"
    }
  }
}

variable "project" {
  type        = string
  description = "Project that holds the dataset and runs the queries."
}

variable "billing_account" {
  type        = string
  description = "Billing account, XXXXXX-XXXXXX-XXXXXX."
}

variable "location" {
  type        = string
  default     = "US"
  description = "Where the dataset lies; it cannot be changed later."
}

resource "google_project_service" "used" {
  for_each           = toset(["bigquery.googleapis.com", "cloudbilling.googleapis.com", "billingbudgets.googleapis.com"])
  project            = var.project
  service            = each.value
  disable_on_destroy = false
}

resource "google_bigquery_dataset" "billing" {
  project    = var.project
  dataset_id = "billing"
  location   = var.location
}

resource "google_service_account" "spend" {
  project      = var.project
  account_id   = "spend-billing"
  display_name = "spend reads the billing export"
}

resource "google_bigquery_dataset_iam_member" "read" {
  project    = var.project
  dataset_id = google_bigquery_dataset.billing.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.spend.member
}

resource "google_project_iam_member" "query" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.spend.member
}

resource "google_billing_account_iam_member" "prices" {
  billing_account_id = var.billing_account
  role               = "roles/billing.viewer"
  member             = google_service_account.spend.member
}

output "service_account" {
  value = google_service_account.spend.email
}
