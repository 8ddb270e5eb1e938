"""The floor of a decision's paper: the same flowables by reportlab alone, sealed by pyHanko alone.

What our document is made of is kept once, as the floor of pages keeps what a template is given; the bare way must
give the same bytes before it is measured. No escaping, no translations, no lock, no thread, the signer made once.
"""

import io
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from pyhanko.keys.pemder import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab import rl_config
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

import portal.decisions.document as ours
from portal.decisions.letter import Letter
from portal.decisions.seal import FIELD, Seal

Make = Callable[[], Any]  # a part of the page, made anew each time: reportlab uses a part up


class _Recorded(SimpleDocTemplate):  # type: ignore[misc]
    """A document that tells what it is made of."""

    given: tuple[dict[str, Any], list[Make], dict[str, Any]]

    def __init__(self, _: Any, **options: Any) -> None:
        super().__init__(_, **options)
        self.options = options

    def build(self, story: list[Any], **feet: Any) -> None:
        type(self).given = (self.options, [_made(part) for part in story], feet)
        super().build(story, **feet)


def bare_paper(letter: Letter, code: str, address: str) -> Callable[[], bytes]:
    """Return the making of the paper without ours. Raises RuntimeError where its bytes are not the same."""
    vars(ours)["SimpleDocTemplate"] = _Recorded
    rl_config.invariant = 1  # no moment and no chance in the file, so that it can be compared
    try:
        expected = ours.document(letter, code, address)
        options, parts, feet = _Recorded.given
        make = partial(_build, options, parts, feet)
        if make() != expected:
            raise RuntimeError("The floor's paper is not the portal's.")
    finally:
        vars(ours)["SimpleDocTemplate"] = SimpleDocTemplate
        rl_config.invariant = 0
    return make


def bare_sealer(seal: Seal) -> Callable[[bytes], Awaitable[bytes]]:
    """Return the sealing of a paper with this key."""
    signer = SimpleSigner(
        signing_cert=next(iter(load_certs_from_pemder_data(seal.certificate))),
        signing_key=load_private_key_from_pemder_data(seal.key, None),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meta = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)

    async def sealed(pdf: bytes) -> bytes:
        out = io.BytesIO()
        await PdfSigner(meta, signer).async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
        return out.getvalue()

    return sealed


def _build(options: dict[str, Any], parts: list[Make], feet: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, **options).build([make() for make in parts], **feet)
    return out.getvalue()


def _made(part: Any) -> Make:
    """How a part is made from plain words and numbers. Raises TypeError for one the floor does not know."""
    if isinstance(part, Paragraph):
        return partial(Paragraph, part.text, part.style)
    if isinstance(part, Spacer):
        return partial(Spacer, part.width, part.height)
    if isinstance(part, Drawing):
        return partial(_picture, part.width, part.height, part.contents[0])
    if isinstance(part, list):
        made = [_made(each) for each in part]
        return lambda: [make() for make in made]
    if isinstance(part, Table):
        cells = _made([list(row) for row in part._cellvalues])
        widths = list(part._argW)
        return lambda: Table(cells(), colWidths=widths)
    raise TypeError(f"The floor knows no {type(part).__name__}.")


def _picture(width: float, height: float, code: QrCodeWidget) -> Drawing:
    fresh = QrCodeWidget(
        code.value, barLevel=code.barLevel, barWidth=code.barWidth, barHeight=code.barHeight, barBorder=code.barBorder
    )
    return Drawing(width, height, fresh)
