"""What is sealed in the application before the database sees it: sensitive narrative, protected addresses, files.

MongoDB's explicit client-side encryption, one ciphertext per entry, one data key per class and year, so that
a class of data can be made unreadable for good by forgetting its key.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bson
from bson.binary import Binary
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient
from pymongo.asynchronous.encryption import AsyncClientEncryption
from pymongo.encryption_shared import Algorithm
from pymongo.errors import EncryptionError, PyMongoError

KEY_VAULT = "keys"
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(document_class=dict, tz_aware=True)


class Unreadable(Exception):
    """A sealed value whose key is gone or that was tampered with."""


class Secrets:
    """Seals and opens values; `kms` names the master keys (a local file in the demo, a KMS in production)."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], database: str, kms: Mapping[str, Any]) -> None:
        self._provider = next(iter(kms))
        self._encryption: AsyncClientEncryption[dict[str, Any]] = AsyncClientEncryption(
            kms, f"{database}.{KEY_VAULT}", client, _OPTIONS, key_expiration_ms=60_000
        )
        self._keys: dict[str, Binary] = {}

    async def key_for(self, secrecy_class: str, year: int) -> Binary:
        """Return the id of the data key of a class and year, made when first needed."""
        name = f"{secrecy_class}-{year}"
        if name not in self._keys:
            found = await self._encryption.get_key_by_alt_name(name)
            if found is None:
                try:
                    self._keys[name] = await self._encryption.create_data_key(self._provider, key_alt_names=[name])
                except EncryptionError as error:
                    # Another process made it first: the unique index on keyAltNames decides.
                    found = await self._encryption.get_key_by_alt_name(name)
                    if found is None:  # the database went away meanwhile
                        raise error.cause from error
            if found is not None:
                self._keys[name] = found["_id"]
        return self._keys[name]

    async def seal(self, value: Any, secrecy_class: str, year: int) -> bytes:
        """Return `value` (any BSON value) as one ciphertext under the key of its class and year."""
        key = await self.key_for(secrecy_class, year)
        return await self._encryption.encrypt(value, Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random, key_id=key)

    async def open(self, sealed: bytes) -> Any:
        """Return the value sealed before. Raises Unreadable, and what the database says where it is away."""
        try:
            return await self._encryption.decrypt(Binary(sealed, 6))
        except (EncryptionError, bson.errors.BSONError) as error:
            if isinstance(error, EncryptionError) and isinstance(error.cause, PyMongoError):
                raise error.cause from error  # the key was not asked for: nobody knows that it is gone
            raise Unreadable("This entry cannot be read: its key is gone or it was changed.") from error

    async def close(self) -> None:
        """Let go of the key cache."""
        await self._encryption.close()


def local_master_key(path: Path) -> dict[str, Any]:
    """Return KMS settings for a 96-byte key in a file (demo, tests, or a mounted secret). Raises ValueError."""
    key = path.read_bytes()
    if len(key) != 96:
        raise ValueError(f"{path}: the master key must have exactly 96 bytes; it has {len(key)}.")
    return {"local": {"key": key}}
