"""Settings from the environment (ATBALSTS_…, secrets by file); starts refuse on anything missing or unsafe."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSettings(ValueError):
    """The settings would start something that must not run; names each of them."""


class Settings(BaseSettings):
    """Everything that differs between places. In demo mode the command fills in what is missing."""

    model_config = SettingsConfigDict(env_prefix="ATBALSTS_", extra="ignore", hide_input_in_errors=True)

    mode: Literal["production", "demo"] = "production"
    public_url: str = ""
    mongodb_uri_file: Path | None = None
    mongodb_uri: SecretStr = SecretStr("")
    database: str = "atbalsts"
    oidc_issuer: str = ""
    oidc_client_id: str = "atbalsts-portal"
    oidc_client_secret_file: Path | None = None
    oidc_client_secret: SecretStr = SecretStr("")
    code_key_file: Path | None = None
    master_key_file: Path | None = None
    kms_file: Path | None = None
    cookie_key_file: Path | None = None
    audit_key_file: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    malware_scanner: str = ""
    log_level: str = "INFO"

    @property
    def demo(self) -> bool:
        """Whether this is the demo: sign-in without a password, invented codes, plain http on loopback."""
        return self.mode == "demo"

    @property
    def cookie_name(self) -> str:
        """The session cookie; browsers refuse `__Host-` without Secure and Path=/, so production cannot slip."""
        return "atbalsts_demo" if self.demo else "__Host-atbalsts"

    @property
    def callback_url(self) -> str:
        """Where the identity provider sends people back to."""
        return f"{self.public_url}/sign-in/callback"

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        problems = list(self._demo_problems() if self.demo else self._production_problems())
        if problems:
            raise UnsafeSettings("This would not be safe to start. " + " ".join(problems))
        return self

    def _demo_problems(self) -> list[str]:
        host = urlsplit(self.public_url).hostname
        if host not in ("127.0.0.1", "localhost", "::1"):
            return ["The demo signs people in without a password, so it serves on 127.0.0.1 only."]
        return []

    def _production_problems(self) -> list[str]:
        problems = []
        if urlsplit(self.public_url).scheme != "https":
            problems.append("ATBALSTS_PUBLIC_URL must begin with https: the session cookie is Secure.")
        if urlsplit(self.oidc_issuer).scheme != "https":
            problems.append("ATBALSTS_OIDC_ISSUER must be the https address of the identity provider.")
        if not self.mongodb_uri.get_secret_value() and self.mongodb_uri_file is None:
            problems.append("ATBALSTS_MONGODB_URI_FILE must name the file with the address of the replica set.")
        if self.oidc_client_secret_file is None:
            problems.append("ATBALSTS_OIDC_CLIENT_SECRET_FILE must name the client secret's file.")
        for name, path, size in self._key_files():
            if path is None:
                problems.append(f"ATBALSTS_{name.upper()} must name a file with {size} random bytes.")
            elif not path.is_file():
                problems.append(f"ATBALSTS_{name.upper()}: {path} is not there.")
            elif path.stat().st_size < size:
                problems.append(f"ATBALSTS_{name.upper()}: {path} must have {size} bytes.")
            elif path.stat().st_mode & 0o007:
                problems.append(f"ATBALSTS_{name.upper()}: {path} can be read by everybody; chmod 600 it.")
        if not self.malware_scanner:
            problems.append("ATBALSTS_MALWARE_SCANNER must name clamd (host:port): uploads are scanned in production.")
        return problems

    def _key_files(self) -> list[tuple[str, Path | None, int]]:
        master = [] if self.kms_file else [("master_key_file", self.master_key_file, 96)]
        return [
            ("code_key_file", self.code_key_file, 32),
            ("cookie_key_file", self.cookie_key_file, 32),
            ("audit_key_file", self.audit_key_file, 32),
            *master,
        ]
