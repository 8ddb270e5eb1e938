"""A mail says that there is something new and where to read it; nothing else, to an address and nothing beside it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.outbox import OutboxItem
from portal.mail.letter import letter
from portal.mail.rules import ATTEMPTS, is_address, pause_after, pause_while_away
from portal.mail.words import ANSWERS, WAITING, Sort, sort_of, text_of
from portal.notices.kinds import KINDS

HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}
URL = "https://portal.example"


def mail(change: str, role_id: str = "role-of-inese", **more: object) -> OutboxItem:
    content = {"change": change, "person_id": "person-of-inese", "role_id": role_id}
    item = OutboxItem(_id="f" * 32, kind="mail", at=datetime(2026, 11, 22, tzinfo=UTC), subject="n1", content=content)
    return item.model_copy(update=more)


@pytest.mark.parametrize("language", ["", "lv", "en", "ru"])
@pytest.mark.parametrize("role_id", ["role-of-inese", ""])
@pytest.mark.parametrize("change", KINDS)
def test_a_mail_is_made_of_words_that_are_the_same_for_every_child(change: str, role_id: str, language: str):
    """The text is one of four in a language; what varies besides is the address and an id that tells nothing."""
    made = letter(mail(change, role_id), "inese@service.example", language, "no-reply@atbalsts.example", URL)
    assert set(made.keys()) == HEADERS
    texts = [text_of(sort, language, f"{URL}/notices") for sort in Sort]
    known = {(text.subject, text.body) for text in texts}
    assert (made["Subject"], made.get_content().replace("\r\n", "\n")) in known
    assert made["To"] == "inese@service.example"
    assert made["From"] == "Atbalsts <no-reply@atbalsts.example>"
    assert made["Message-ID"] == f"<{'f' * 32}@portal.example>"
    wire = made.as_bytes()
    assert b"inese" not in wire.replace(b"inese@service.example", b"")
    assert b"n1" not in wire


def test_what_goes_to_a_family_does_not_even_tell_the_sort():
    """Whoever shares the mailbox learns nothing of a report, a decision or a plan."""
    assert {sort_of(change, family=True) for change in KINDS} == {Sort.FAMILY}
    assert {sort_of(change, family=False) for change in KINDS} == {Sort.WAITS, Sort.ANSWERED, Sort.NEWS}
    assert set(KINDS) >= WAITING | ANSWERS and not WAITING & ANSWERS


def test_a_mail_is_in_the_receivers_language_and_in_both_where_we_do_not_speak_it():
    lv, en, ru = (text_of(Sort.WAITS, language, URL) for language in ("lv", "en", "ru"))
    assert "Labdien!" in lv.body and "Hello!" not in lv.body
    assert "Hello!" in en.body and "Labdien!" not in en.body
    assert lv.body in ru.body and en.body in ru.body
    assert text_of(Sort.WAITS, "", URL) == lv


def test_a_letter_is_the_same_to_the_byte_whenever_it_is_made():
    made = [letter(mail("added"), "a@b.example", "lv", "c@d.example", URL).as_bytes() for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("address", ["inese.liepina@cesu-sd.example", "a@b.lv", "o'neil+x@d.e.example"])
def test_a_plain_address_is_one(address: str):
    assert is_address(address)


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "inese",
        "inese@service",
        "inese@service.example\r\nBcc: all@example.example",
        "inese@service.example\n",
        "inese@service.example, other@example.example",
        "Inese <inese@service.example>",
        "inese@service.example> NOTIFY=SUCCESS",
        '"a b"@service.example',
        "inese@[192.0.2.1]",
        "ieviņa@service.example",
        "a..b@service.example",
        f"{'a' * 250}@service.example",
        "inese@service.example\0",
    ],
)
def test_anything_else_is_written_to_nobody(address: str):
    assert not is_address(address)


@given(st.text())
def test_no_text_that_passes_for_an_address_can_make_a_header_or_a_command(text: str):
    for tried in (text, f"a@b.example{text}", f"{text}@b.example"):
        assert not is_address(tried) or not set(tried) & set(' \r\n\t<>,;:"\\\0')


def test_pauses_grow_and_a_mail_is_given_up_after_some_three_days():
    pauses = [pause_after(attempts) for attempts in range(1, ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert timedelta(days=2) < sum(pauses, timedelta()) < timedelta(days=4)
    assert [pause_while_away(n) for n in (1, 2, 3, 50)] == [2.0, 4.0, 8.0, 300.0]
