"""Who asks: Google's credentials, from a file or from the machine."""
# Importing a provider imports no vendor library.

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import Misconfigured
from bot.providers.gcp.errors import mended
from bot.providers.gcp.settings import GcpSettings

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_MADE_BY = {
    "service_account": "google.oauth2.service_account:Credentials.from_service_account_info",
    "authorized_user": "google.oauth2.credentials:Credentials.from_authorized_user_info",
    "external_account": "google.auth.identity_pool:Credentials.from_info",
    "external_account/aws": "google.auth.aws:Credentials.from_info",
    "impersonated_service_account": (
        "google.auth.impersonated_credentials:Credentials.from_impersonated_service_account_info"
    ),
}
"""Which class reads which type of file; a file can name no other, so that none can run a program."""


def credentials(settings: GcpSettings) -> Credentials:
    """The file named, else Google's chain; anonymous for an emulator where no file is named.

    For an emulator the machine's metadata server is not asked: where there is one it vouches for the
    machine, not for the emulator, and where there is none everyone waits.

    Raises:
        AccessDenied: there are none, or they are no longer good.
        Misconfigured: the file is not there, or is no credentials file.
    """
    if settings.credentials_file:
        return _from_file(Path(settings.credentials_file))
    if not (settings.emulator_host or settings.api_endpoint):
        import google.auth

        with mended("Google Cloud"):
            return google.auth.default(scopes=_SCOPES)[0]
    from google.auth.credentials import AnonymousCredentials

    anonymous: Callable[[], Credentials] = AnonymousCredentials
    return anonymous()


def _from_file(path: Path) -> Credentials:
    try:
        key = json.loads(path.read_text())
        return _maker(key)(key, scopes=_SCOPES)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unreadable(path, error) from None
    except Exception as error:
        from google.auth.exceptions import GoogleAuthError

        if isinstance(error, GoogleAuthError):
            raise _unreadable(path, error) from None
        raise


def _maker(key: Mapping[str, Any]) -> Callable[..., Credentials]:
    kind = str(key["type"])
    if kind == "external_account" and "aws" in str(key.get("subject_token_type", "")):
        kind = "external_account/aws"
    module, _, name = _MADE_BY[kind].partition(":")
    class_, _, method = name.partition(".")
    made: Callable[..., Credentials] = getattr(getattr(import_module(module), class_), method)
    return made


def _unreadable(path: Path, error: Exception) -> Misconfigured:
    """Names the file and never repeats what is in it."""
    return Misconfigured(
        f"GOOGLE_APPLICATION_CREDENTIALS names {path}, which cannot be read as Google credentials "
        f"({type(error).__name__}).",
        "Download the service account's JSON key again, or unset the variable to use the machine's own identity.",
    )
