"""Production starts with nothing missing and nothing unsafe; the demo only where nobody else reaches it."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from portal.cli.production import production_settings
from portal.settings import Settings, UnsafeSettings

SECRETS = {
    "mongodb_uri_file": b"mongodb://mongo-1:27017/?replicaSet=atbalsts",
    "oidc_client_secret_file": b"s" * 48,
    "code_key_file": b"c" * 32,
    "cookie_key_file": b"k" * 32,
    "audit_key_file": b"a" * 32,
    "seal_key_file": b"p" * 100,
    "seal_certificate_file": b"q" * 100,
    "master_key_file": b"m" * 96,
}


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the person who runs the tests must not reach them."""
    for name in [name for name in os.environ if name.startswith("ATBALSTS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Any]:
    """Settings a register could start with."""
    files = {}
    for name, content in SECRETS.items():
        files[name] = tmp_path / name
        files[name].touch(mode=0o600)
        files[name].write_bytes(content)
    return {
        "public_url": "https://portal.example",
        "oidc_issuer": "https://id.example/realms/atbalsts",
        "malware_scanner": "clamav:3310",
        "smtp_host": "mail.example",
        "smtp_from": "no-reply@portal.example",
        "security_contact": "security@portal.example",
        "trusted_proxies": ("192.0.2.1",),
        **files,
    }


def test_a_whole_set_starts(good: dict[str, Any]):
    settings = Settings(**good)
    assert not settings.demo
    assert settings.callback_url == "https://portal.example/sign-in/callback"


@pytest.mark.parametrize(
    "name", ["public_url", "oidc_issuer", "malware_scanner", "smtp_host", "smtp_from", "security_contact", *SECRETS]
)
def test_production_refuses_to_start_without(good: dict[str, Any], name: str):
    del good[name]
    with pytest.raises(UnsafeSettings, match=f"ATBALSTS_{name.upper()}"):
        Settings(**good)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "http://portal.example"),
        ("public_url", "https://portal.example/"),
        ("public_url", "https://portal.example/portal"),
        ("public_url", "https://user:word@portal.example"),
        ("public_url", "portal.example"),
        ("oidc_issuer", "http://id.example/realms/atbalsts"),
        ("oidc_issuer", "https://id.example/realms/demo"),
        ("sign_in_with", ("facebook",)),
        ("trusted_providers", ("latvija.lv",)),
        ("trusted_proxies", ("*",)),
        ("trusted_proxies", ("192.0.2.0/24",)),
        ("trusted_proxies", ("192.0.2.1", "proxy")),
        ("malware_scanner", "clamav"),
        ("malware_scanner", "clamav:"),
        ("smtp_host", "mail.example:587"),
        ("smtp_host", "smtp://mail.example"),
        ("smtp_port", 25),
        ("smtp_port", 0),
        ("smtp_from", "Atbalsts <no-reply@portal.example>"),
        ("smtp_from", "no-reply@portal.example\r\nBcc: all@portal.example"),
        ("security_contact", "https://portal.example"),
        ("smtp_username", "atbalsts"),
        ("smtp_authority_file", Path("/nowhere/mail.pem")),
    ],
)
def test_production_refuses_the_unsafe_value(good: dict[str, Any], name: str, value: object):
    with pytest.raises(UnsafeSettings, match=f"ATBALSTS_{name.upper()}"):
        Settings(**{**good, name: value})


@pytest.mark.asvs("13.3.1")
@pytest.mark.parametrize("name", SECRETS)
def test_production_refuses_a_secret_that_is_gone_short_or_readable_by_everybody(good: dict[str, Any], name: str):
    path: Path = good[name]
    path.chmod(0o604)
    with pytest.raises(UnsafeSettings, match=rf"ATBALSTS_{name.upper()}.*everybody"):
        Settings(**good)
    path.chmod(0o640)
    Settings(**good)
    path.write_bytes(b"short")
    with pytest.raises(UnsafeSettings, match=rf"ATBALSTS_{name.upper()}.*bytes"):
        Settings(**good)
    path.unlink()
    with pytest.raises(UnsafeSettings, match=rf"ATBALSTS_{name.upper()}.*not there"):
        Settings(**good)


def test_production_refuses_one_file_for_two_secrets(good: dict[str, Any]):
    with pytest.raises(UnsafeSettings, match="same secret file"):
        Settings(**{**good, "cookie_key_file": good["audit_key_file"]})


def test_a_key_service_stands_in_for_the_master_key(good: dict[str, Any], tmp_path: Path):
    kms = tmp_path / "kms.json"
    kms.touch(mode=0o600)
    kms.write_text('{"kmip": {"endpoint": "kms.example:5696"}}')
    del good["master_key_file"]
    assert Settings(**good, kms_file=kms).kms_file == kms


def test_all_that_is_wrong_is_named_at_once_and_no_secret_with_it(good: dict[str, Any]):
    for name in SECRETS:
        good[name].chmod(0o644)
    with pytest.raises(UnsafeSettings) as refused:
        Settings(**{**good, "malware_scanner": ""})
    said = str(refused.value)
    assert all(f"ATBALSTS_{name.upper()}" in said for name in [*SECRETS, "malware_scanner"])
    assert "ssss" not in said


def test_nothing_at_all_is_production_and_refused():
    with pytest.raises(UnsafeSettings, match="ATBALSTS_PUBLIC_URL"):
        Settings()


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_the_demo_serves_this_machine(address: str):
    assert Settings(mode="demo", public_url=address).demo


@pytest.mark.parametrize(
    "address", ["http://0.0.0.0:8000", "http://192.0.2.7", "https://portal.example", "http://127.0.0.1.example", ""]
)
def test_the_demo_refuses_to_serve_anybody_else(address: str):
    with pytest.raises(UnsafeSettings, match=r"127\.0\.0\.1 only"):
        Settings(mode="demo", public_url=address)


@pytest.mark.asvs("3.3.1", "3.3.3")
def test_only_the_demo_has_a_cookie_that_goes_over_plain_http(good: dict[str, Any]):
    assert Settings(**good).cookie_name == "__Host-atbalsts"
    assert Settings(mode="demo", public_url="http://127.0.0.1:8000").cookie_name == "atbalsts_demo"


def test_commands_of_production_refuse_the_demos_settings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATBALSTS_MODE", "demo")
    monkeypatch.setenv("ATBALSTS_PUBLIC_URL", "http://127.0.0.1:8000")
    with pytest.raises(UnsafeSettings, match="ATBALSTS_MODE"):
        production_settings()


@pytest.mark.asvs("12.3.1")
@pytest.mark.parametrize("tls", ["none", "", "opportunistic", "false"])
def test_mail_never_goes_without_tls(good: dict[str, Any], tls: str):
    with pytest.raises(ValidationError, match="smtp_tls"):
        Settings(**{**good, "smtp_tls": tls})


def test_the_password_of_the_mail_server_is_a_secret_file_like_the_others(good: dict[str, Any], tmp_path: Path):
    path = tmp_path / "smtp_password"
    path.touch(mode=0o600)
    path.write_bytes(b"a long password")
    given = {**good, "smtp_username": "atbalsts", "smtp_password_file": path}
    assert Settings(**given).smtp_tls == "starttls"
    path.chmod(0o644)
    with pytest.raises(UnsafeSettings, match=r"ATBALSTS_SMTP_PASSWORD_FILE.*everybody"):
        Settings(**given)


@pytest.mark.parametrize(("name", "value"), [("TRUSTED_PROXIES", "192.0.2.1"), ("MODE", "open"), ("LOG_LEVEL", "ALL")])
def test_a_setting_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    monkeypatch.setenv(f"ATBALSTS_{name}", value)
    with pytest.raises(UnsafeSettings, match=f"(?i){name}"):
        production_settings()
