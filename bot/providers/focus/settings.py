"""What may be set about a place where FOCUS exports are delivered."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class FocusSettings(BaseModel):
    """One folder or bucket; secrets are given as ``env:NAME``, and the store's own chain decides where none is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = Field(
        description="Where the files lie: a folder, s3://bucket/prefix, gs://bucket/prefix, "
        "abfs://container@account.dfs.core.windows.net/prefix, or an Azure SAS URL."
    )
    endpoint_url: str = Field(
        default="",
        description="Another endpoint for s3://, as OCI's Object Storage has one: "
        "https://NAMESPACE.compat.objectstorage.REGION.oraclecloud.com.",
    )
    region: str = Field(default="", description="The bucket's region, where the store asks for it.")
    access_key: SecretStr = Field(default=SecretStr(""), description="Access key of an s3:// bucket.")
    secret_key: SecretStr = Field(default=SecretStr(""), description="Its secret.")
    account_key: SecretStr = Field(default=SecretStr(""), description="Key of an Azure storage account.")
    sas_token: SecretStr = Field(default=SecretStr(""), description="Shared access signature of an Azure container.")
