"""AWS, held to the contract."""

from functools import cache

import boto3
from contract import Case

from bot.providers.aws import Aws, AwsSettings
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator
from simulators.http_server import Reply

STRANGER = "AKIANOBODYKNOWS00001"


@cache
def session(key=ACCESS_KEY):
    """An AWS session that needs no environment; one a key, since each reads AWS's models anew."""
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=SECRET_KEY)


def adapter(simulator, meter, clock, key=ACCESS_KEY, source="aws", **settings):
    """The adapter, pointed at a simulator."""
    result = AwsSettings(**{"endpoint_url": simulator.url, "attempts": 1, **settings})
    return Aws(result, meter=meter, clock=clock, source=source, session=lambda: session(key))


def error(kind, message="", status=400):
    """An error as AWS sends it."""
    body = f'{{"__type": "{kind}", "Message": "{message}"}}'
    return Reply(status, body.encode(), {"Content-Type": "application/x-amz-json-1.1"})


CASE = Case(
    simulate=lambda clock: AwsSimulator(clock, page=40),
    empty=lambda clock: AwsSimulator(clock, lines=lambda _: ()),
    provider=adapter,
    stranger=lambda simulator, meter, clock: adapter(simulator, meter, clock, key=STRANGER),
    secrets=(ACCESS_KEY, STRANGER, SECRET_KEY),
    throttled=error("ThrottlingException", "Rate exceeded"),
    forbidden=error("AccessDeniedException", "User: bot is not authorized to perform: ce:GetCostAndUsage on resource"),
    permission="ce:GetCostAndUsage",
    cursor_lost=error("InvalidNextTokenException", "The token has expired"),
    paged=lambda request: b"NextPageToken" in request.body,
    restate=lambda simulator, day: simulator.restate(day),
    vanish=lambda simulator, day: simulator.vanish(day, "Amazon Redshift"),
    module="bot.providers.aws",
    sdk=("boto3", "botocore", "s3transfer"),
)
