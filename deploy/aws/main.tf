# Read-only access for spend in the payer account, and a FOCUS data export for it to read.
# The same as cloudformation.yaml; apply it in the payer account with a provider of us-east-1.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

variable "trusted_principal" {
  type        = string
  description = "ARN of the identity that the bot runs as."
}

variable "external_id" {
  type        = string
  description = "A random word of at least 12 characters that the bot must present."
  sensitive   = true
  validation {
    condition     = length(var.external_id) >= 12
    error_message = "Use at least 12 characters."
  }
}

variable "bucket" {
  type        = string
  description = "Name of the bucket for the export."
}

variable "prefix" {
  type        = string
  default     = "spend"
  description = "Where in the bucket the export is written."
}

data "aws_caller_identity" "payer" {}

data "aws_partition" "current" {}

resource "aws_s3_bucket" "export" {
  bucket = var.bucket
}

resource "aws_s3_bucket_ownership_controls" "export" {
  bucket = aws_s3_bucket.export.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "export" {
  bucket = aws_s3_bucket.export.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "export" {
  bucket = aws_s3_bucket.export.id
  rule {
    id     = "OldVersions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_public_access_block" "export" {
  bucket                  = aws_s3_bucket.export.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "export" {
  bucket = aws_s3_bucket.export.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "export" {
  bucket = aws_s3_bucket.export.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DataExportsWrites"
        Effect    = "Allow"
        Principal = { Service = "bcm-data-exports.amazonaws.com" }
        Action    = ["s3:PutObject", "s3:GetBucketPolicy"]
        Resource  = [aws_s3_bucket.export.arn, "${aws_s3_bucket.export.arn}/*"]
        Condition = {
          StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.payer.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:bcm-data-exports:us-east-1:${data.aws_caller_identity.payer.account_id}:export/*" }
        }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.export.arn, "${aws_s3_bucket.export.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_bcmdataexports_export" "focus" {
  depends_on = [aws_s3_bucket_policy.export]
  export {
    name = "spend-focus"
    data_query {
      query_statement = "SELECT AvailabilityZone, BilledCost, BillingAccountId, BillingAccountName, BillingAccountType, BillingCurrency, BillingPeriodEnd, BillingPeriodStart, CapacityReservationId, CapacityReservationStatus, ChargeCategory, ChargeClass, ChargeDescription, ChargeFrequency, ChargePeriodEnd, ChargePeriodStart, CommitmentDiscountCategory, CommitmentDiscountId, CommitmentDiscountName, CommitmentDiscountQuantity, CommitmentDiscountStatus, CommitmentDiscountType, CommitmentDiscountUnit, ConsumedQuantity, ConsumedUnit, ContractedCost, ContractedUnitPrice, EffectiveCost, InvoiceId, InvoiceIssuerName, ListCost, ListUnitPrice, PricingCategory, PricingCurrency, PricingCurrencyContractedUnitPrice, PricingCurrencyEffectiveCost, PricingCurrencyListUnitPrice, PricingQuantity, PricingUnit, ProviderName, PublisherName, RegionId, RegionName, ResourceId, ResourceName, ResourceType, ServiceCategory, ServiceName, ServiceSubcategory, SkuId, SkuMeter, SkuPriceDetails, SkuPriceId, SubAccountId, SubAccountName, SubAccountType, Tags, x_Discounts, x_Operation, x_ServiceCode FROM FOCUS_1_2_AWS"
      table_configurations = {
        FOCUS_1_2_AWS = { TIME_GRANULARITY = "DAILY" }
      }
    }
    destination_configurations {
      s3_destination {
        s3_bucket = aws_s3_bucket.export.id
        s3_prefix = var.prefix
        s3_region = "us-east-1"
        s3_output_configurations {
          overwrite   = "OVERWRITE_REPORT"
          format      = "PARQUET"
          compression = "PARQUET"
          output_type = "CUSTOM"
        }
      }
    }
    refresh_cadence {
      frequency = "SYNCHRONOUS"
    }
  }
}

resource "aws_iam_role" "spend" {
  name = "spend-billing"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.trusted_principal }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

resource "aws_iam_role_policy" "spend" {
  name = "spend"
  role = aws_iam_role.spend.id
  policy = replace(
    replace(file("${path.module}/policy.json"), "EXPORT_BUCKET/spend/", "EXPORT_BUCKET/${var.prefix}/"),
    "EXPORT_BUCKET", aws_s3_bucket.export.id
  )
}

output "role_arn" {
  value = aws_iam_role.spend.arn
}

output "data_export" {
  value = "s3://${aws_s3_bucket.export.id}/${var.prefix}/spend-focus"
}
