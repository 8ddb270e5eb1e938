"""Realms that play others: latvija.lv by SAML, a Smart-ID gateway and an institution by OpenID Connect."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from auth.keycloak.realms import password_credential

LATVIJA_LV, GATEWAY = "latvija-lv-played", "gateway-played"
SECRET = "secret-of-a-client-of-the-gateway"
Realm = dict[str, Any]
Users = Mapping[str, Mapping[str, str]]  # by name, what the provider knows of somebody


class SigningKey:
    """A key with its certificate, so that both sides can be told of it before they start."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "played")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        self.certificate = _body(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
        self.private = _body(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def latvija_lv(base: str, password: str, users: Users, key: SigningKey) -> Realm:
    """Return a realm that names people as latvija.lv does: by a name id of "PK:" and the personal code."""
    name_id = {
        "name": "name id",
        "protocol": "saml",
        "protocolMapper": "saml-user-attribute-nameid-mapper",
        "config": {
            "mapper.nameid.format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            "user.attribute": "name_id",
        },
    }
    client = {
        "clientId": "atbalsts",
        "protocol": "saml",
        "enabled": True,
        "redirectUris": [f"{base}/realms/atbalsts/broker/latvija-lv/endpoint"],
        "adminUrl": f"{base}/realms/atbalsts/broker/latvija-lv/endpoint",
        "frontchannelLogout": False,
        "fullScopeAllowed": False,
        "defaultClientScopes": [],
        "attributes": {
            "saml.assertion.signature": "true",
            "saml.server.signature": "true",
            "saml.client.signature": "false",
            "saml.signature.algorithm": "RSA_SHA256",
            "saml.authnstatement": "true",
            "saml.force.post.binding": "true",
            "saml_force_name_id_format": "true",
            "saml_name_id_format": "username",
        },
        "protocolMappers": [name_id],
    }
    keys = {
        "name": "known",
        "providerId": "rsa",
        "config": {
            "priority": ["1000"],
            "privateKey": [key.private],
            "certificate": [key.certificate],
            "algorithm": ["RS256"],
        },
    }
    return _realm(LATVIJA_LV, password, users, [client], {"org.keycloak.keys.KeyProvider": [keys]})


def gateway(base: str, password: str, users: Users) -> Realm:
    """Return a realm that is a gateway to Smart-ID to one client, and an institution to the other."""
    clients = [
        {
            "clientId": f"atbalsts-{alias}",
            "protocol": "openid-connect",
            "publicClient": False,
            "secret": SECRET,
            "enabled": True,
            "redirectUris": [f"{base}/realms/atbalsts/broker/{alias}/endpoint"],
            "defaultClientScopes": ["basic"],
            "protocolMappers": [_told("personal_code"), _told("acr")],
        }
        for alias in ("smart-id", "staff")
    ]
    return _realm(GATEWAY, password, users, clients, {})


def environment(base: str, key: SigningKey) -> dict[str, str]:
    """Return what switches the brokers of our realm on and leads them there."""
    issuer = f"{base}/realms/{GATEWAY}"
    protocol = f"{issuer}/protocol/openid-connect"
    told = {
        "LATVIJA_LV_ENABLED": "true",
        "LATVIJA_LV_ENTITY": f"{base}/realms/{LATVIJA_LV}",
        "LATVIJA_LV_SIGN_IN_URL": f"{base}/realms/{LATVIJA_LV}/protocol/saml",
        "LATVIJA_LV_CERTIFICATE": key.certificate,
        "LATVIJA_LV_ASSURANCE": "substantial",
        "SMART_ID_ACCEPTED_ACR": "low|substantial|high",
        "STAFF_ACCEPTED_ACR": "high",
    }
    for prefix, alias in (("SMART_ID", "smart-id"), ("STAFF", "staff")):
        told |= {
            f"{prefix}_ENABLED": "true",
            f"{prefix}_ISSUER": issuer,
            f"{prefix}_AUTHORIZATION_URL": f"{protocol}/auth",
            f"{prefix}_TOKEN_URL": f"{protocol}/token",
            f"{prefix}_KEYS_URL": f"{protocol}/certs",
            f"{prefix}_CLIENT_ID": f"atbalsts-{alias}",
            f"{prefix}_CLIENT_SECRET": SECRET,
        }
    return told


def _realm(name: str, password: str, users: Users, clients: list[Any], components: dict[str, Any]) -> Realm:
    credential = password_credential(password)
    profile = {"attributes": [{"name": "username"}, {"name": "email"}], "unmanagedAttributePolicy": "ENABLED"}
    declared = {
        "providerId": "declarative-user-profile",
        "config": {"kc.user.profile.config": [json.dumps(profile)]},
    }
    return {
        "realm": name,
        "enabled": True,
        "sslRequired": "none",
        "clients": clients,
        "components": {"org.keycloak.userprofile.UserProfileProvider": [declared], **components},
        "users": [
            {
                "username": user,
                "email": f"{user}@people.example",
                "enabled": True,
                "attributes": dict(known),
                "credentials": [credential],
            }
            for user, known in users.items()
        ],
    }


def _told(attribute: str) -> dict[str, Any]:
    return {
        "name": attribute,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-attribute-mapper",
        "config": {
            "user.attribute": attribute,
            "claim.name": attribute,
            "jsonType.label": "String",
            "id.token.claim": "true",
        },
    }


def _body(pem: bytes) -> str:
    return "".join(pem.decode().splitlines()[1:-1])
