"""Files from strangers: what is on the list gets through, everything hostile is refused with a sentence that helps."""

from __future__ import annotations

import io
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

import pytest
from PIL import Image

from documents import file_refusal as why
from documents.file_names import attachment_header, clean_name, shown_name
from documents.file_types import TYPES, RefusedFile, recognise
from documents.pictures import cleaned

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES_XML = f'<Types><Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>'
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="t/{kind}" Target="http://reader.example/" TargetMode="External"/></Relationships>'
)
ODT = "application/vnd.oasis.opendocument.text"
ASICE = "application/vnd.etsi.asic-e+zip"


@contextmanager
def on_disk(content: bytes) -> Iterator[IO[bytes]]:
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file


def kind_of(content: bytes) -> str:
    with on_disk(content) as file:
        found = recognise(file)
    return next(code for code, each in TYPES.items() if each is found)


def refusal(content: bytes) -> str:
    with on_disk(content) as file, pytest.raises(RefusedFile) as caught:
        recognise(file)
    return caught.value.message_id


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes | str], stored: bool = False, comment: bytes = b"") -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
        archive.comment = comment
    return memory.getvalue()


def docx(*more: tuple[str | zipfile.ZipInfo, bytes | str], types: str = TYPES_XML) -> bytes:
    return zipped(("[Content_Types].xml", types), ("word/document.xml", "<document/>"), *more)


def odt(*more: tuple[str, bytes | str], content: str = "<office/>") -> bytes:
    return zipped(("mimetype", ODT), ("content.xml", content), *more)


def edoc(*more: tuple[str, bytes | str]) -> bytes:
    return zipped(("mimetype", ASICE), ("META-INF/signatures001.xml", "<asic/>"), *more, stored=True)


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    memory = io.BytesIO()
    Image.new(mode, size, 90).save(memory, kind, **options)
    return memory.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


# What is on the list ------------------------------------------------------------------------------------------------


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (picture("JPEG"), "jpeg"),
        (picture("PNG"), "png"),
        (docx(), "docx"),
        (docx(("word/_rels/document.xml.rels", RELS.format(kind="hyperlink"))), "docx"),
        (docx(("word/embeddings/table.xlsx", zipped(("xl/workbook.xml", "<x/>")))), "docx"),
        (odt(), "odt"),
        (edoc(("lēmums.pdf", PDF), ("plāns.docx", docx())), "asice"),
        (edoc(("parakstīts.edoc", edoc(("lēmums.pdf", PDF)))), "asice"),
        (zipped(("mimetype", ASICE), ("a.pdf", PDF), comment=b"mimetype=" + ASICE.encode()), "asice"),
    ],
)
def test_what_is_on_the_list_is_recognised_by_its_content(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", why.EMPTY),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", why.UNKNOWN),
        (b"<!doctype html><script>alert(1)</script>", why.UNKNOWN),
        (b"MZ\x90\x00" + bytes(200), why.UNKNOWN),
        (b"\x7fELF" + bytes(200), why.UNKNOWN),
        (b"GIF89a" + bytes(200), why.UNKNOWN),
        (b" " + PDF, why.UNKNOWN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), why.OLDER_OFFICE),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), why.HEIC),
        (zipped(("a.txt", "a")), why.UNKNOWN),
        (zipped(("mimetype", "application/java-archive")), why.UNKNOWN),
        (zipped(("[Content_Types].xml", "spreadsheetml"), ("xl/workbook.xml", "")), why.UNKNOWN),
    ],
)
def test_what_is_not_on_the_list_is_refused_whatever_it_is_called(content: bytes, reason: str) -> None:
    assert refusal(content) == reason


# PDF ----------------------------------------------------------------------------------------------------------------


def pdf(inside: bytes) -> bytes:
    return PDF.replace(b"endobj", b"endobj\n7 0 obj<</Length 1 " + inside + b">>endobj", 1)


def packed_objects(objects: bytes, dictionary: bytes = b"/Type/ObjStm/Filter/FlateDecode") -> bytes:
    data = zlib.compress(objects) if b"Flate" in dictionary else objects
    return PDF.replace(b"endobj", b"endobj\n9 0 obj<<" + dictionary + b">>stream\r\n" + data + b"\nendstream endobj", 1)


@pytest.mark.parametrize(
    "inside",
    [
        b"/S/JavaScript/JS(app.alert\\(1\\))",
        b"/OpenAction<</S /J#61vaScript>>",
        b"/S/#4a#61#76#61#53cript",
        b"/AA<</O<< /JS 12 0 R>>>>",
        b"/S /Launch/F(cmd.exe)",
        b"/Names<</EmbeddedFiles 4 0 R>>",
        b"/Type/EmbeddedFile",
        b"/Subtype/RichMedia",
    ],
)
def test_a_pdf_with_a_program_or_a_file_inside_is_refused(inside: bytes) -> None:
    assert refusal(pdf(inside)) == why.PDF_PROGRAM
    assert refusal(packed_objects(b"1 0 <<" + inside + b">>")) == why.PDF_PROGRAM


def test_a_pdf_whose_words_only_resemble_a_program_is_taken() -> None:
    assert kind_of(pdf(b"/JavaScripted 1 /Title(Launch of /JSON)")) == "pdf"
    assert kind_of(packed_objects(b"1 0 <</Type/Page>>")) == "pdf"


@pytest.mark.parametrize(
    "dictionary",
    [
        b"/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]",
        b"/Type/ObjStm/Filter/LZWDecode",
        b"/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
        b"/Type/ObjStm/Filter 5 0 R",
    ],
)
def test_a_pdf_that_hides_its_objects_is_refused(dictionary: bytes) -> None:
    assert refusal(packed_objects(b"1 0 <<>>", dictionary)) == why.PDF_HIDES


def test_a_pdf_whose_objects_unpack_without_end_is_refused() -> None:
    assert refusal(packed_objects(bytes(40 * 1024 * 1024))) == why.PDF_HIDES


def test_a_pdf_with_a_password_or_without_its_end_is_refused() -> None:
    assert refusal(pdf(b"/Encrypt 8 0 R")) == why.PASSWORD
    assert refusal(PDF.replace(b"%%EOF", b"")) == why.DAMAGED


def test_a_large_pdf_of_pictures_is_looked_through_within_seconds_and_not_refused_by_chance() -> None:
    noise = zlib.compress(b"seed", 9) + b"".join(zlib.crc32(b"%d" % i).to_bytes(4, "big") for i in range(4_500_000))
    large = pdf(b"").replace(b"%%EOF", b"stream\n" + noise + b"\nendstream\n%%EOF")
    begun = time.process_time()
    assert kind_of(large) == "pdf"
    assert time.process_time() - begun < 5


# Two kinds in one ---------------------------------------------------------------------------------------------------


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    "content",
    [
        PDF + docx(),
        docx() + PDF,
        docx() + b"<script>",
        zipped(("mimetype", ODT), ("x", PDF), stored=True) + b"%%EOF",
        zipped(("%PDF-1.7", "x"), ("[Content_Types].xml", TYPES_XML), ("word/document.xml", "<d/>")),
    ],
)
def test_two_kinds_of_file_in_one_are_refused(content: bytes) -> None:
    assert refusal(content) in (why.TWO_IN_ONE, why.DAMAGED)


def test_bytes_hidden_between_the_entries_of_a_zip_are_refused() -> None:
    whole = docx()
    directory = whole.rfind(b"PK\x01\x02", 0, whole.rfind(b"PK\x01\x02"))
    hidden = b"MZ hidden program".ljust(100)
    moved = bytearray(whole[:directory] + hidden + whole[directory:])
    struct.pack_into("<I", moved, len(moved) - 6, directory + len(hidden))
    assert refusal(bytes(moved)) == why.ODD_PACKING


# Zips ---------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("5.2.3")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/cron.d/x", why.ODD_PACKING),
        ("word/../../x", why.ODD_PACKING),
        ("/etc/passwd", why.ODD_PACKING),
        ("C:/windows/x", why.ODD_PACKING),
        ("..\\..\\x", why.ODD_PACKING),
        ("word//x", why.ODD_PACKING),
        ("a\nb", why.ODD_PACKING),
        ("word/vbaProject.bin", why.MACROS),
        ("x" * 600, why.ODD_PACKING),
    ],
)
def test_a_zip_with_a_harmful_name_is_refused(name: str, reason: str) -> None:
    assert refusal(docx((name, "x"))) == reason


def test_a_zip_that_names_an_entry_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = docx(("word/document.xml", "<other/>"))
    assert refusal(twice) == why.ODD_PACKING
    assert refusal(docx(("WORD/Document.xml", "<other/>"))) == why.ODD_PACKING


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFCHR, stat.S_IFIFO])
def test_a_zip_with_a_link_or_a_device_is_refused(mode: int) -> None:
    assert refusal(docx((entry("word/link", mode), "/etc/passwd"))) == why.ODD_PACKING


def test_an_encrypted_zip_is_refused_also_inside_another() -> None:
    locked = bytearray(zipped(("a", "secret")))
    locked[6] |= 1
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    outer = bytearray(docx())
    for at in (6, outer.find(b"PK\x01\x02") + 8):
        outer[at] |= 1
    assert refusal(bytes(outer)) == why.PASSWORD
    assert refusal(docx(("word/embeddings/x.xlsx", bytes(locked)))) == why.PASSWORD
    manifest = "<file-entry><encryption-data/></file-entry>"
    assert refusal(odt(("META-INF/manifest.xml", manifest))) == why.PASSWORD


@pytest.mark.asvs("5.2.3")
def test_a_zip_bomb_by_ratio_is_refused_without_unpacking_it() -> None:
    bomb = docx(("word/media/x.bin", bytes(90 * 1024 * 1024)))
    begun = time.process_time()
    with zipfile.ZipFile(io.BytesIO(bomb)) as opened:
        opened.read("word/media/x.bin")
    unpacked = time.process_time()
    assert refusal(bomb) == why.UNPACKS_TOO_LARGE
    assert time.process_time() - unpacked < (unpacked - begun) / 2


@pytest.mark.asvs("5.2.3")
def test_a_zip_bomb_that_lies_about_its_size_is_refused_before_it_fills_the_memory() -> None:
    honest = bytearray(docx(("word/media/x.bin", bytes(60 * 1024 * 1024))))
    central = honest.rfind(b"PK\x01\x02")
    struct.pack_into("<I", honest, central + 24, 1000)
    tracemalloc.start()
    assert refusal(bytes(honest)) == why.UNPACKS_TOO_LARGE
    assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    tracemalloc.stop()


@pytest.mark.asvs("5.2.3")
def test_a_bomb_of_zips_within_zips_is_refused() -> None:
    layer = zipped(("leaf", bytes(1_000_000)))
    for _ in range(3):
        layer = zipped(*((f"{i}.zip", layer) for i in range(16)))
    assert refusal(docx(("word/embeddings/x.zip", layer))) == why.UNPACKS_TOO_LARGE
    deep = zipped(("leaf", "x"))
    for _ in range(5):
        deep = zipped(("x.zip", deep))
    assert refusal(docx(("word/embeddings/x.zip", deep))) == why.UNPACKS_TOO_LARGE


def test_entries_that_share_their_data_are_refused() -> None:
    whole = bytearray(docx())
    second = whole.rfind(b"PK\x01\x02")
    struct.pack_into("<I", whole, second + 42, 0)
    assert refusal(bytes(whole)) == why.ODD_PACKING


@pytest.mark.asvs("5.2.3")
def test_a_hundred_thousand_entries_are_refused_before_the_list_is_read() -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    content = memory.getvalue()
    tracemalloc.start()
    assert refusal(content) == why.ODD_PACKING
    assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    tracemalloc.stop()
    # And with a count that lies, so that only the length of the list tells.
    lying = bytearray(content)
    end = lying.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", lying, end + 8, 3, 3)
    assert refusal(bytes(lying)) in (why.ODD_PACKING, why.TWO_IN_ONE)


@pytest.mark.parametrize("cut", [1, 10, 30, 200])
def test_a_zip_cut_short_or_changed_is_refused(cut: int) -> None:
    whole = docx(("word/media/a.bin", bytes(range(256)) * 4))
    assert refusal(whole[:-cut]) in (why.DAMAGED, why.TWO_IN_ONE, why.ODD_PACKING)
    changed = bytearray(whole)
    changed[whole.find(b"document.xml") + 14] ^= 0xFF
    assert refusal(bytes(changed)) in (why.DAMAGED, why.UNPACKS_TOO_LARGE, why.ODD_PACKING)


# Documents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        docx(types=TYPES_XML + "vnd.ms-word.document.macroEnabled.main+xml"),
        docx(("word/vbaProject.bin", b"x")),
        docx(("word/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))),
        docx(("word/media/image1.png", b"MZ\x90")),
        docx(("word/embeddings/x.xlsm", zipped(("xl/vbaProject.bin", b"x")))),
        odt(("Basic/Standard/Module1.xml", "<script/>")),
        odt(("Scripts/python/x.py", "import os")),
        odt(content='<e script:event-name="dom:load" xlink:href="vnd.sun.star.script:Standard.M.x"/>'),
    ],
)
def test_a_document_with_macros_or_programs_is_refused(content: bytes) -> None:
    assert refusal(content) == why.MACROS


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "image", "frame"])
def test_a_document_that_fetches_something_by_itself_is_refused(kind: str) -> None:
    assert refusal(docx(("word/_rels/settings.xml.rels", RELS.format(kind=kind)))) == why.FETCHES
    hidden = RELS.format(kind=kind).replace("External", "&#69;xternal")
    assert refusal(docx(("word/_rels/settings.xml.rels", hidden))) == why.FETCHES


@pytest.mark.asvs("1.5.1")
def test_entities_in_the_references_of_a_document_are_refused() -> None:
    laughs = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><r>&b;</r>'
    assert refusal(docx(("_rels/.rels", laughs))) == why.ODD_PACKING


def test_a_signed_container_holds_only_what_is_on_the_list() -> None:
    with on_disk(edoc(("a.exe", b"MZ\x90"))) as file, pytest.raises(RefusedFile) as caught:
        recognise(file)
    assert (caught.value.message_id, caught.value.values) == (why.INSIDE, {"inside": "a.exe"})
    assert refusal(edoc(("a.pdf", pdf(b"/S/JavaScript")))) == why.PDF_PROGRAM
    assert refusal(edoc(("a.docx", docx(("word/vbaProject.bin", b"x"))))) == why.MACROS
    assert refusal(zipped(("a.pdf", PDF), ("mimetype", ASICE))) == why.ODD_PACKING


# Pictures -----------------------------------------------------------------------------------------------------------


async def clean(content: bytes, kind: str) -> bytes:
    with on_disk(content) as file:
        async with cleaned(file, kind) as made:
            made.seek(0)
            return made.read()


def flood(width: int, height: int) -> bytes:
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.asvs("5.2.6")
@pytest.mark.parametrize("size", [(100_000, 100_000), (6_400, 6_300), (40_000_001, 1)])
async def test_a_flood_of_pixels_is_refused_before_one_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(RefusedFile) as caught:
        await clean(flood(*size), "PNG")
    assert (caught.value.message_id, caught.value.values) == (why.TOO_MANY_PIXELS, {"limit": 40})


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_picture_keeps_its_pixels_and_nothing_that_tells_where_when_and_by_whom(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x9286] = "MARKER camera", 6, "MARKER comment"
    exif.get_ifd(0x8825)[1] = "N"
    more: dict[str, Any] = {"comment": b"MARKER"} if kind == "JPEG" else {}
    before = picture(kind, exif=exif, icc_profile=b"MARKER profile", **more)
    assert b"MARKER" in before
    after = await clean(before, kind)
    assert b"MARKER" not in after
    assert b"Exif" not in after
    with Image.open(io.BytesIO(after)) as made:
        assert made.size == (20, 40), "turned upright as the camera said"
        assert not made.getexif()
        assert "icc_profile" not in made.info


async def test_what_hangs_on_to_a_picture_does_not_come_along() -> None:
    after = await clean(picture("JPEG") + docx(("MARKER", "x"), types="<script>MARKER</script>"), "JPEG")
    assert b"PK\x03\x04" not in after
    assert b"MARKER" not in after


async def test_an_animated_png_becomes_one_picture_and_transparency_stays() -> None:
    frames = [Image.new("RGBA", (8, 8), (i * 60, 0, 0, 100)) for i in range(3)]
    memory = io.BytesIO()
    frames[0].save(memory, "PNG", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(await clean(memory.getvalue(), "PNG"))) as made:
        assert getattr(made, "n_frames", 1) == 1
        assert made.getpixel((0, 0)) == (0, 0, 0, 100)


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("L", "JPEG"), ("1", "PNG"), ("P", "PNG"), ("I;16", "PNG")]
)
async def test_pictures_of_every_sort_of_colour_are_taken(mode: str, kind: str) -> None:
    with Image.open(io.BytesIO(await clean(picture(kind, mode=mode), kind))) as made:
        assert made.size == (40, 20)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_broken_picture_and_one_of_another_kind_are_refused(kind: str) -> None:
    for content in (picture(kind, (300, 300))[:-400], picture("GIF", mode="P"), picture(kind)[:30]):
        with pytest.raises(RefusedFile) as caught:
            await clean(content, kind)
        assert caught.value.message_id == why.DAMAGED


async def test_a_picture_of_forty_million_pixels_fits_its_limits() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(await clean(picture("JPEG", (8_000, 5_000), exif=exif), "JPEG"))) as made:
        assert made.size == (5_000, 8_000)


# Names --------------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("5.3.2")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Atzinums.pdf", "Atzinums.pdf"),
        ("ŠĶŪŅU lēmums (2).PDF", "ŠĶŪŅU lēmums (2).pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.ini.pdf"),
        ("%2e%2e%2f%2e%2e%2fetc%2fpasswd", "passwd.pdf"),
        ("%252e%252e%252fx.pdf", "x.pdf"),
        ("a\r\nSet-Cookie: b=1.pdf", "a Set-Cookie- b=1.pdf"),
        ("a\x00.pdf", "a.pdf"),
        ("gnp\u202efdp.exe", "gnpfdp.exe.pdf"),
        ("a\u200b\ufeffb.pdf", "ab.pdf"),
        ("CON", "_CON.pdf"),
        ("nul.pdf", "_nul.pdf"),
        ("com1.txt.pdf", "_com1.txt.pdf"),
        ("conference.pdf", "conference.pdf"),
        ("", "pielikums.pdf"),
        ("..", "pielikums.pdf"),
        ("/", "pielikums.pdf"),
        (".pdf", "pielikums.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("skaties.jpg", "skaties.jpg.pdf"),
        ('a"b<c>|?*.pdf', "a-b-c.pdf"),
        ("a\u0304bols.pdf", "ābols.pdf"),
        ("  a   b . pdf.pdf", "a b . pdf.pdf"),
        ("\ud800.pdf", "pielikums.pdf"),
    ],
)
def test_a_name_becomes_harmless_and_stays_readable(given: str, kept: str) -> None:
    assert clean_name(given, (".pdf",)) == kept


@pytest.mark.parametrize("letter", ["a", "ā", "字", "😀"])
def test_a_long_name_is_cut_and_keeps_its_ending(letter: str) -> None:
    name = clean_name(letter * 300 + ".pdf", (".pdf",))
    assert len(name) <= 120
    assert len(name.encode()) <= 240
    assert name.endswith(letter + ".pdf")


def test_a_message_says_a_name_shortly_and_without_tricks() -> None:
    assert shown_name("C:\\Users\\x\\a\u202eb.pdf") == "ab.pdf"
    assert len(shown_name("x" * 300 + ".pdf")) == 60


@pytest.mark.asvs("5.4.2")
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.pdf", "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
        ("lēmums.pdf", "attachment; filename=\"lemums.pdf\"; filename*=UTF-8''l%C4%93mums.pdf"),
        ('a";b\r\n%41.pdf', "attachment; filename=\"a__b___41.pdf\"; filename*=UTF-8''a%22%3Bb%0D%0A%2541.pdf"),
        ("字.pdf", "attachment; filename=\"_.pdf\"; filename*=UTF-8''%E5%AD%97.pdf"),
    ],
)
def test_the_name_goes_out_as_every_browser_reads_it(name: str, header: str) -> None:
    assert attachment_header(name) == header
