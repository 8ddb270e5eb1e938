"""The keyword of a search in a dossier as an opaque address: the word itself never stands in one."""

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LETTERS = 100
_PURPOSE = b"timeline keyword"
_STEP = 32  # lengths are rounded up to it, so that they tell nothing of the word


def seal_keyword(key: bytes, person_id: str, dossier_id: str, word: str) -> str:
    """Return what stands in the address: readable by this person, for this dossier, without end."""
    content = json.dumps([person_id, dossier_id, word[:LETTERS]]).encode()
    content = content.ljust(-(-len(content) // _STEP) * _STEP)
    nonce = secrets.token_bytes(12)
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, content, _PURPOSE)).decode()


def open_keyword(key: bytes, person_id: str, dossier_id: str, sealed: str) -> str:
    """Return the word; empty for what is forged, somebody else's or another dossier's."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        owner, dossier, word = json.loads(AESGCM(key).decrypt(raw[:12], raw[12:], _PURPOSE))
    except (InvalidTag, ValueError):
        return ""
    return str(word) if (owner, dossier) == (person_id, dossier_id) else ""
