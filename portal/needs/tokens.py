"""What carries a found child from the search to a form: sealed, for one role, one use and one hour.

The address of a child without a dossier is never given out: it could be tried one by one.
"""

import base64
import json
import secrets
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auth.who import Who

VALID = timedelta(hours=1)


def need_token(key: bytes, who: Who, dossier_id: str, now: datetime, use: bytes = b"need") -> str:
    """Return the sealed reference to a child for this role (or this person of a family) and this use."""
    content = json.dumps([dossier_id, _holder(who), int((now + VALID).timestamp())]).encode()
    nonce = secrets.token_bytes(12)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, content, use)).decode()


def read_need_token(key: bytes, who: Who, token: str, now: datetime, use: bytes = b"need") -> str | None:
    """Return the dossier id, or none for a token that is forged, old, another role's or for another use."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
        dossier_id, holder, until = json.loads(AESGCM(key).decrypt(raw[:12], raw[12:], use))
    except (InvalidTag, ValueError):
        return None
    mine = bool(holder) and holder == _holder(who)
    return str(dossier_id) if mine and now.timestamp() < until else None


def _holder(who: Who) -> str:
    if who.in_family_role:
        return f"p:{who.person_id}"
    return who.role.id if who.role else ""
