"""What the commands of production share: the register's store, and all that a running portal or worker holds."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from auth.oidc import OidcClient
from auth.sessions import Sessions
from documents.mark import WrongDatabase, is_marked
from documents.migrate import is_current
from documents.secrecy import local_master_key
from documents.store import Store, open_store
from portal.cli.stores import Refusal, open_command_store
from portal.decisions.seal import Seal, load_seal
from portal.mail.post import SmtpPost
from portal.runtime import Runtime
from portal.settings import Settings, UnsafeSettings


def production_settings() -> Settings:
    """Return the settings of the environment. Raises UnsafeSettings, also for the demo's."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = ", ".join(f"ATBALSTS_{str(fault['loc'][0]).upper()} ({fault['msg']})" for fault in error.errors())
        raise UnsafeSettings(f"These settings cannot be read: {wrong}.") from error
    except SettingsError as error:
        raise UnsafeSettings(f"These settings cannot be read: {error}.") from error
    if settings.demo:
        raise UnsafeSettings("ATBALSTS_MODE says demo, which only `atbalsts demo` runs. Unset it.")
    return settings


def register_uri(settings: Settings) -> str:
    """Return the address of the register's replica set."""
    return _secret(settings.mongodb_uri_file)


@asynccontextmanager
async def production_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the register itself: migrated by hand (`atbalsts admin migrate`), never a demo database."""
    kms = (
        json.loads(settings.kms_file.read_text())
        if settings.kms_file
        else local_master_key(Path(str(settings.master_key_file)))
    )
    async with open_store(register_uri(settings), settings.database, kms, _bytes(settings.code_key_file)) as store:
        if await is_marked(store):
            raise WrongDatabase("This is a demo database: its sign-in has no password. `serve` refuses it.")
        if not await is_current(store.database):
            raise Refusal("The database is not in its newest form. Run: atbalsts admin migrate")
        yield store


@asynccontextmanager
async def command_store(data: Path | None) -> AsyncIterator[Store]:
    """Open what a command looks after: the demo of a data folder that a portal has run on, else the register."""
    if data is None:
        async with production_store(production_settings()) as store:
            yield store
        return
    if not (data.resolve() / "keys" / "audit.key").is_file():
        raise Refusal(f"{data} holds no audit key: no portal has run on it. Name the folder that `demo` used.")
    async with open_command_store(data) as store:
        yield store


@asynccontextmanager
async def production_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """Open all that a portal or worker of the register holds."""
    async with production_store(settings) as store:
        held = Runtime(
            settings=settings,
            store=store,
            oidc=OidcClient(settings.oidc_issuer, settings.oidc_client_id, _secret(settings.oidc_client_secret_file)),
            sessions=Sessions(store.sessions),
            cookie_key=_bytes(settings.cookie_key_file),
            audit_key=_bytes(settings.audit_key_file),
            seal=_seal(settings),
            clock=lambda: datetime.now(UTC),
            post=_post(settings),
        )
        try:
            yield held
        finally:
            await held.oidc.aclose()


def _seal(settings: Settings) -> Seal:
    """The seal over decisions. Raises UnsafeSettings where key and certificate are none, or not of each other."""
    try:
        return load_seal(Path(str(settings.seal_key_file)), Path(str(settings.seal_certificate_file)))
    except ValueError as error:
        raise UnsafeSettings(f"ATBALSTS_SEAL_KEY_FILE, ATBALSTS_SEAL_CERTIFICATE_FILE: {error}") from error


def _post(settings: Settings) -> SmtpPost:
    """The mail server. Raises UnsafeSettings where the authority's file holds no certificate."""
    try:
        context = ssl.create_default_context(cafile=settings.smtp_authority_file)
    except (ssl.SSLError, OSError) as error:
        raise UnsafeSettings("ATBALSTS_SMTP_AUTHORITY_FILE holds no certificate that can be read.") from error
    return SmtpPost(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_from,
        context,
        settings.smtp_username,
        _secret(settings.smtp_password_file) if settings.smtp_password_file else "",
    )


def _secret(path: Path | None) -> str:
    return _bytes(path).decode().strip()


def _bytes(path: Path | None) -> bytes:
    return Path(str(path)).read_bytes()
