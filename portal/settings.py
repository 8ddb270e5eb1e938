"""Settings from the environment (ATBALSTS_…, secrets by file); starts refuse on anything missing or unsafe."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from documents.trouble import Trouble
from portal.cookies import Kept, cookie_name
from portal.mail.rules import is_address

DEMO_REALM = "demo"
PROVIDERS = ("latvija-lv", "smart-id", "eparaksts", "staff")  # the brokers of the realm, in the order shown
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?")
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_SCANNER = re.compile(r"/.+|[^/]+:[0-9]+")


class UnsafeSettings(Trouble):
    """The settings would start something that must not run; names each of them."""


class Settings(BaseSettings):
    """Everything that differs between places. In demo mode the command fills in what is missing."""

    model_config = SettingsConfigDict(env_prefix="ATBALSTS_", extra="ignore", hide_input_in_errors=True)

    mode: Literal["production", "demo"] = "production"
    public_url: str = ""
    mongodb_uri_file: Path | None = None
    database: str = "atbalsts"
    oidc_issuer: str = ""
    oidc_client_id: str = "atbalsts-portal"
    oidc_client_secret_file: Path | None = None
    sign_in_with: tuple[str, ...] = ()
    trusted_providers: tuple[str, ...] = ()
    code_key_file: Path | None = None
    master_key_file: Path | None = None
    kms_file: Path | None = None
    cookie_key_file: Path | None = None
    audit_key_file: Path | None = None
    seal_key_file: Path | None = None
    seal_certificate_file: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    malware_scanner: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "implicit"] = "starttls"
    smtp_authority_file: Path | None = None
    smtp_username: str = ""
    smtp_password_file: Path | None = None
    smtp_from: str = ""
    security_contact: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def demo(self) -> bool:
        """Whether this is the demo: sign-in without a password, invented codes, plain http on loopback."""
        return self.mode == "demo"

    @property
    def cookie_name(self) -> str:
        """What the session cookie is called."""
        return cookie_name(Kept.SESSION, demo=self.demo)

    @property
    def callback_url(self) -> str:
        """Where the identity provider sends people back to."""
        return f"{self.public_url}/sign-in/callback"

    @property
    def sign_in_url(self) -> str:
        """Where signing in begins; the identity provider sends people there who want other means."""
        return f"{self.public_url}/sign-in"

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        problems = list(self._demo_problems() if self.demo else self._production_problems())
        if problems:
            raise UnsafeSettings("This would not be safe to start. " + " ".join(problems))
        return self

    def _demo_problems(self) -> Iterator[str]:
        host = urlsplit(self.public_url).hostname
        if host not in ("127.0.0.1", "localhost", "::1"):
            yield "The demo signs people in without a password, so it serves on 127.0.0.1 only."

    def _production_problems(self) -> Iterator[str]:
        if not _ORIGIN.fullmatch(self.public_url):
            yield "ATBALSTS_PUBLIC_URL must be https://host without anything behind: the session cookie is Secure."
        if urlsplit(self.oidc_issuer).scheme != "https":
            yield "ATBALSTS_OIDC_ISSUER must be the https address of the identity provider's realm."
        if self.oidc_issuer.endswith(f"/realms/{DEMO_REALM}"):
            yield "ATBALSTS_OIDC_ISSUER names the demo's realm, whose people have one password."
        for code in (*self.sign_in_with, *self.trusted_providers):
            if code not in PROVIDERS:
                yield f"ATBALSTS_SIGN_IN_WITH, ATBALSTS_TRUSTED_PROVIDERS: {code} is none of {', '.join(PROVIDERS)}."
        for proxy in self.trusted_proxies:
            if not _is_address(proxy):
                yield f"ATBALSTS_TRUSTED_PROXIES: {proxy} is no network address; forwarded addresses would be lost."
        if not _SCANNER.fullmatch(self.malware_scanner):
            yield "ATBALSTS_MALWARE_SCANNER must name clamd (host:port or socket): uploads are scanned in production."
        if not is_address(self.security_contact):
            yield "ATBALSTS_SECURITY_CONTACT must be the e-mail address that security.txt asks people to report to."
        yield from self._mail_problems()
        yield from self._file_problems()

    def _mail_problems(self) -> Iterator[str]:
        if not _HOST.fullmatch(self.smtp_host):
            yield "ATBALSTS_SMTP_HOST must name the mail server: notices go by e-mail."
        if not 0 < self.smtp_port < 65536 or self.smtp_port == 25:
            yield "ATBALSTS_SMTP_PORT must be the server's port for senders with TLS, 587 or 465; 25 is for servers."
        if not is_address(self.smtp_from):
            yield "ATBALSTS_SMTP_FROM must be the plain e-mail address that mail is sent from."
        if bool(self.smtp_username) != bool(self.smtp_password_file):
            yield "ATBALSTS_SMTP_USERNAME and ATBALSTS_SMTP_PASSWORD_FILE go together."
        if self.smtp_authority_file and not self.smtp_authority_file.is_file():
            yield f"ATBALSTS_SMTP_AUTHORITY_FILE: {self.smtp_authority_file} is not there."

    def _file_problems(self) -> Iterator[str]:
        secrets = self._secret_files()
        for name, (path, size) in secrets.items():
            if problem := _file_problem(path, size):
                yield f"ATBALSTS_{name.upper()}{problem}"
        paths = [path for path, _ in secrets.values() if path]
        if len(set(paths)) < len(paths):
            yield "Two settings name the same secret file; each secret has one purpose."

    def _secret_files(self) -> dict[str, tuple[Path | None, int]]:
        """Each secret's file and the least of bytes in it; a KMS stands in for the master key."""
        master = ("kms_file", self.kms_file, 2) if self.kms_file else ("master_key_file", self.master_key_file, 96)
        files = [
            ("mongodb_uri_file", self.mongodb_uri_file, 10),
            ("oidc_client_secret_file", self.oidc_client_secret_file, 16),
            ("code_key_file", self.code_key_file, 32),
            ("cookie_key_file", self.cookie_key_file, 32),
            ("audit_key_file", self.audit_key_file, 32),
            ("seal_key_file", self.seal_key_file, 100),
            ("seal_certificate_file", self.seal_certificate_file, 100),
            master,
        ]
        if self.smtp_password_file:
            files.append(("smtp_password_file", self.smtp_password_file, 8))
        return {name: (path, size) for name, path, size in files}


def _file_problem(path: Path | None, size: int) -> str:
    if path is None:
        return f" must name a file with at least {size} bytes."
    if not path.is_file():
        return f": {path} is not there."
    if path.stat().st_size < size:
        return f": {path} must have at least {size} bytes."
    if path.stat().st_mode & 0o007:
        return f": {path} can be read by everybody; chmod 600 it."
    return ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
