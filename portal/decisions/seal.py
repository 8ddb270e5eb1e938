"""The seal over decisions (PAdES): applied with the key of the settings, checked with the certificate of its day."""

import io
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FIELD = "Zimogs"
_SHARED = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


class NoSeal(Exception):
    """There is no key or certificate that could seal now."""


@dataclass(frozen=True)
class Seal:
    """A key with its certificate, both in DER."""

    key: bytes = field(repr=False)
    certificate: bytes

    def check(self, now: datetime) -> None:
        """Raise NoSeal for a certificate that is not yet, or no longer, valid."""
        certificate = x509.load_der_x509_certificate(self.certificate)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise NoSeal("The certificate of the seal is not valid today.")

    def seal(self, pdf: bytes) -> bytes:
        """Return the document sealed. Takes a tenth of a second of one core: call it in a thread."""
        # Read here: a worker that seals nothing does not hold this library in its memory.
        from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        signer = SimpleSigner(
            signing_cert=next(iter(load_certs_from_pemder_data(self.certificate))),
            signing_key=load_private_key_from_pemder_data(self.key, None),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        )
        meta = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        out = io.BytesIO()
        PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
        return out.getvalue()


def is_sealed(pdf: bytes, certificate: bytes, moment: datetime) -> bool:
    """Whether one seal made with this certificate holds over the whole file, unchanged; anything else does not.

    `moment` is when it was sealed. Only the library's bottom line counts: its word "valid" stays true on a file
    that was changed.
    """
    from pyhanko.keys.pemder import load_certs_from_pemder_data
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError, ValueErrorWithMessage
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    trusted = ValidationContext(
        trust_roots=load_certs_from_pemder_data(certificate), moment=moment, allow_fetching=False
    )
    with suppress(PdfError, SigningError, ValueErrorWithMessage, ValueError, KeyError, TypeError, OSError):
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        if len(signatures) == 1:
            status = validate_pdf_signature(signatures[0], trusted)
            return status.bottom_line and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return False


def load_seal(key_file: Path, certificate_file: Path) -> Seal:
    """Return the seal of two PEM files, as production keeps it. Raises ValueError where they do not fit together."""
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(f"{key_file}, {certificate_file}: no key and certificate in PEM.") from error
    if key.public_key().public_bytes(*_SHARED) != certificate.public_key().public_bytes(*_SHARED):
        raise ValueError(f"{key_file} is not the key of {certificate_file}.")
    return Seal(_der(key), certificate.public_bytes(serialization.Encoding.DER))


def new_seal(name: str, now: datetime) -> Seal:
    """Return a fresh seal that vouches for nothing but itself: for the demo and for tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only", "decipher_only"), False
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))  # the demo's story tells of decisions of past months
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, key_cert_sign=True, **usage), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    return Seal(_der(key), certificate.public_bytes(serialization.Encoding.DER))


def kept_seal(folder: Path) -> Seal:
    """Return the demo's seal in its data folder, made at first use; never committed, readable by its owner only."""
    key, certificate = folder / "seal-key.pem", folder / "seal-certificate.pem"
    if not certificate.is_file():
        fresh = new_seal("Atbalsts (demo)", datetime.now(UTC))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key.touch(mode=0o600)
        loaded = serialization.load_der_private_key(fresh.key, None)
        key.write_bytes(
            loaded.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        cert = x509.load_der_x509_certificate(fresh.certificate)
        certificate.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    return load_seal(key, certificate)


def _der(key: object) -> bytes:
    private: bytes = key.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private
