"""What kind of service each AWS service is, in FOCUS's categories, and what AWS calls its regions."""

from __future__ import annotations

from functools import lru_cache

_NAMES = {
    "AI and Machine Learning": (
        "Amazon Bedrock, Amazon Bedrock AgentCore, Amazon SageMaker, Amazon SageMaker AI, Amazon Comprehend, "
        "Amazon Rekognition, Amazon Textract, Amazon Transcribe, Amazon Polly, Amazon Translate, Amazon Lex, "
        "Amazon Kendra, Amazon Personalize, Amazon Forecast, Amazon Q, Amazon Q Business, Amazon Augmented AI"
    ),
    "Analytics": (
        "Amazon Athena, AWS Glue, Amazon Elastic MapReduce, Amazon Kinesis, Amazon Kinesis Firehose, "
        "Amazon Kinesis Analytics, Amazon OpenSearch Service, Amazon Elasticsearch Service, Amazon QuickSight, "
        "AWS Lake Formation, Amazon Managed Streaming for Apache Kafka, Amazon CloudSearch, AWS Data Exchange, "
        "Amazon DataZone, Amazon FinSpace, AWS Data Pipeline"
    ),
    "Business Applications": (
        "Amazon Connect, Amazon WorkMail, Amazon Chime, Amazon Pinpoint, Amazon Simple Email Service, "
        "AWS End User Messaging, AmazonWorkDocs"
    ),
    "Compute": (
        "Amazon Elastic Compute Cloud - Compute, EC2 - Other, Amazon Elastic Compute Cloud, "
        "AWS Lambda, Amazon Lightsail, AWS Batch, "
        "Amazon Elastic Container Service, Amazon EC2 Container Service, "
        "Amazon Elastic Container Service for Kubernetes, "
        "Amazon Elastic Kubernetes Service, AWS Fargate, AWS App Runner, AWS Elastic Beanstalk, AWS Outposts, "
        "Savings Plans for AWS Compute usage, Amazon WorkSpaces, Amazon AppStream, Amazon GameLift, "
        "Amazon EC2 Container Registry (ECR), Amazon Elastic Container Registry Public"
    ),
    "Databases": (
        "Amazon Relational Database Service, Amazon DynamoDB, Amazon ElastiCache, Amazon Redshift, "
        "Amazon Neptune, Amazon DocumentDB (with MongoDB compatibility), Amazon Keyspaces (for Apache Cassandra), "
        "Amazon MemoryDB, Amazon Timestream, Amazon Quantum Ledger Database, Amazon SimpleDB, "
        "DynamoDB Accelerator (DAX), "
        "Amazon Aurora DSQL, Savings Plans for AWS Database usage"
    ),
    "Developer Tools": (
        "AWS CodeBuild, AWS CodePipeline, CodeBuild, AWS CodeCommit, AWS CodeArtifact, AWS CodeDeploy, AWS X-Ray, "
        "AWS Cloud9, AWS Device Farm, AWS Amplify, Amazon CodeCatalyst"
    ),
    "Identity": "AWS Directory Service, Amazon Cognito, AWS IAM Access Analyzer, Amazon Verified Permissions",
    "Integration": (
        "Amazon Simple Queue Service, Amazon Simple Notification Service, AWS Step Functions, Amazon MQ, "
        "CloudWatch Events, Amazon EventBridge, AWS AppSync, Amazon Managed Workflows for Apache Airflow, "
        "Amazon Simple Workflow Service, Amazon AppFlow"
    ),
    "Internet of Things": (
        "AWS IoT, AWS IoT Core, AWS IoT Device Management, AWS IoT Analytics, AWS Greengrass, AWS IoT SiteWise"
    ),
    "Management and Governance": (
        "AmazonCloudWatch, AWS CloudTrail, AWS Config, AWS Systems Manager, AWS Service Catalog, "
        "AWS CloudFormation, AWS Cost Explorer, AWS Budgets, Amazon Managed Grafana, "
        "Amazon Managed Service for Prometheus, AWS Control Tower, AWS Organizations, AWS Resilience Hub"
    ),
    "Media": "AWS Elemental MediaConvert, AWS Elemental MediaLive, Amazon Interactive Video Service, "
    "AWS Elemental MediaPackage, AWS Elemental MediaStore, Amazon Elastic Transcoder, Amazon Kinesis Video Streams",
    "Migration": (
        "AWS Database Migration Service, AWS DataSync, AWS Transfer Family, AWS Application Migration Service, "
        "AWS Import/Export Snowball, AWS Snowball, AWS Migration Hub"
    ),
    "Networking": (
        "Amazon Virtual Private Cloud, Amazon CloudFront, Amazon Route 53, Amazon Elastic Load Balancing, "
        "Elastic Load Balancing, AWS Direct Connect, AWS Global Accelerator, Amazon API Gateway, AWS Data Transfer, "
        "Amazon VPC Lattice, AWS Cloud WAN, AWS Cloud Map, AWS App Mesh, AWS Transit Gateway"
    ),
    "Security": (
        "AWS Key Management Service, AWS Secrets Manager, Amazon GuardDuty, AWS WAF, AWS Shield, Amazon Inspector, "
        "Amazon Macie, AWS Security Hub, AWS Certificate Manager, AWS Network Firewall, Amazon Detective, "
        "AWS CloudHSM, AWS Firewall Manager, AWS Audit Manager, Amazon Security Lake, AWS Private Certificate Authority"
    ),
    "Storage": (
        "Amazon Simple Storage Service, Amazon Elastic File System, Amazon FSx, AWS Backup, AWS Storage Gateway, "
        "Amazon Glacier, Amazon S3 Glacier Deep Archive, Amazon Elastic Block Store, Amazon S3 Tables"
    ),
}
_CATEGORIES = {name.strip().casefold(): category for category, names in _NAMES.items() for name in names.split(", ")}
_ENDINGS = (("(Amazon Bedrock Edition)", "AI and Machine Learning"),)


def category(service: str) -> str:
    """The FOCUS ServiceCategory of a Cost Explorer service name; "Other" when it is not known."""
    for ending, kind in _ENDINGS:
        if service.endswith(ending):
            return kind
    return _CATEGORIES.get(service.casefold(), "Other")


@lru_cache(maxsize=1)
def region_names() -> dict[str, str]:
    """What AWS calls each region: ``{"eu-central-1": "Europe (Frankfurt)"}``."""
    from botocore.loaders import Loader  # the vendor's library loads when it is needed

    partitions = Loader().load_data("endpoints")["partitions"]
    return {region: facts["description"] for partition in partitions for region, facts in partition["regions"].items()}
