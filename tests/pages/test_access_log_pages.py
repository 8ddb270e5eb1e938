"""Who looked: newest first, fifty a page, names for professionals, institutions for families, own staff for heads."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape

import pytest

from documents.audit import AuditEntry
from documents.dossier import Dossier
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser

MARTA, JANIS, TOMASS = dossier_id("marta"), dossier_id("janis"), dossier_id("tomass")
Visit = Callable[..., Awaitable[Browser]]


def rows(page: str) -> list[str]:
    """The lines of the log as text."""
    body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return [unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))).strip() for row in body.split("<tr>")[1:]]


async def test_pages_of_fifty_follow_each_other_without_a_gap_or_a_repetition(visit: Visit, held: Runtime) -> None:
    moment = held.now() - timedelta(days=400)
    same = [
        AuditEntry(act="dossier.read", at=moment, person_id="inese-liepina", dossier_id=JANIS, reason=f"same-{number}")
        for number in range(120)
    ]
    await held.store.audit.record(*same)
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{JANIS}/access-log")
    total, pages = len(rows(browser.page)), 1
    while older := re.search(r'href="([^"]+before=[^"]+)"', browser.page):
        assert len(rows(browser.page)) <= 50
        await browser.get(unescape(older[1]))
        total, pages = total + len(rows(browser.page)), pages + 1
    written = await held.store.audit_entries.count_documents({"$or": [{"dossier_id": JANIS}, {"children": JANIS}]})
    assert pages >= 3 and total == written - (pages - 1), "all but the looks at the later pages themselves"


async def test_entries_of_one_search_are_one_line(visit: Visit, held: Runtime) -> None:
    at = held.now() + timedelta(seconds=5)
    typed = [
        AuditEntry(
            act="search.answered",
            at=at,
            person_id="aija-zarina",
            role_id="aija-zarina-1",
            series="s1",
            children=[MARTA],
        )
        for _ in range(7)
    ]
    await held.store.audit.record(*typed)
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/access-log")
    searched = [row for row in rows(browser.page) if "meklējot" in row]
    assert len(searched) == 1 and "(7 reizes)" in searched[0]


async def test_the_log_is_narrowed_to_a_person_an_institution_a_time(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/access-log?person=ruta-abele")
    assert rows(browser.page) and all("Rūta Ābele" in row for row in rows(browser.page))
    await browser.get(f"/dossiers/{MARTA}/access-log?institution=valsts-policija")
    assert rows(browser.page) and all("Valsts policija" in row for row in rows(browser.page))
    day = held.now() - timedelta(days=12)
    await browser.get(f"/dossiers/{MARTA}/access-log?from={day:%d.%m.%Y}.&to={day:%d.%m.%Y}.")
    assert all(f"{day:%d.%m.%Y}" in row for row in rows(browser.page))


async def test_a_family_reads_institutions_and_reasons_but_no_names_of_staff(visit: Visit) -> None:
    browser = await visit("ilze-kalnina")
    await browser.get(f"/dossiers/{MARTA}/access-log")
    lines = rows(browser.page)
    assert any("Cēsu 2. pamatskola" in line for line in lines)
    for name in ("Aija Zariņa", "Mārtiņš Šķēle", "Anda Žagare", "Rūta Ābele", "Andris Kalniņš"):
        assert not [line for line in lines if name in line], name
    assert not [line for line in lines if "mēģināja" in line]
    assert not [line for line in lines if "Valsts policija" in line], "it has written what the family does not see"


async def test_a_head_sees_the_own_staff_only(visit: Visit) -> None:
    browser = await visit("sanita-berzina")
    await browser.get(f"/dossiers/{MARTA}/access-log?institution=valsts-policija")
    lines = rows(browser.page)
    assert lines and all("Cēsu novada Sociālais dienests" in line for line in lines)


async def test_what_was_done_to_a_restricted_entry_is_not_in_the_log_of_who_does_not_see_it(
    visit: Visit, held: Runtime
) -> None:
    dossier = Dossier.model_validate(await held.store.dossiers.find_one({"_id": TOMASS}))
    hidden = next(event for event in dossier.events if event.confidentiality == "restricted")
    await held.store.audit.record(
        *[
            AuditEntry(
                act=act, at=held.now() + timedelta(seconds=9), person_id="martins-skele", role_id="martins-skele-1",
                institution_id="valsts-policija", dossier_id=TOMASS, subject=hidden.id,
            )
            for act in ("event.corrected", "dossier.read")
        ]
    )  # fmt: skip
    for person, corrected in (("anda-zagare", True), ("dace-ozola", False)):
        browser = await visit(person)
        await browser.get(f"/dossiers/{TOMASS}/access-log")
        assert bool([line for line in rows(browser.page) if "laboja ierakstu" in line]) is corrected, person
        assert (hidden.id in browser.page) is corrected


async def test_the_log_is_read_by_indexes_in_the_order_of_time(held: Runtime) -> None:
    query = {"$or": [{"dossier_id": MARTA}, {"children": MARTA}]}
    plan = await held.store.audit_entries.find(query).sort("at", -1).limit(51).explain()
    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in stages and "SORT_MERGE" in stages and "'SORT'" not in stages


FAMILIES = [  # who reads, whose child, whether the child's place is protected
    ("ilze-kalnina", "marta", False),
    ("andris-kalnins", "janis", False),
    ("rihards-sprogis", "rihards", False),
    ("gunta-silina", "kate", False),
    ("dina-gulbe", "alise", True),
    ("edijs-gulbis", "alise", True),
]
BY_LAW = "iestāde likumā noteiktajā kārtībā"


@pytest.mark.parametrize(("reader", "child", "protected"), FAMILIES, ids=[row[0] for row in FAMILIES])
async def test_no_family_member_reads_what_the_law_keeps_back_and_each_is_told_that_and_why(
    visit: Visit, held: Runtime, reader: str, child: str, protected: bool
) -> None:
    school = {"person_id": "mareks-vilks", "role_id": "mareks-vilks-1", "dossier_id": dossier_id(child)}
    row = await held.store.people.find_one({"_id": "mareks-vilks"})
    assert row
    institution, name = row["roles"][0]["institution_id"], row["roles"][0]["institution_name"]
    at = held.now() + timedelta(seconds=20)
    acts = [
        {"act": "concern.reported"},
        {"act": "dossier.read", "purpose": "investigate_offence"},
        {"act": "dossier.read", "outcome": "refused"},
        {"act": "access.denied"},
    ]
    kept = [AuditEntry(at=at, institution_id=institution, **school, **each) for each in acts]
    told = AuditEntry(at=at, institution_id=institution, act="base.changed", purpose="plan_support", **school)
    browser = await visit(reader)
    log = f"/dossiers/{dossier_id(child)}/access-log"
    await browser.get(log)
    before = [line for line in rows(browser.page) if "skatījās profilu" not in line]
    await held.store.audit.record(*kept, told)
    await browser.get(log)
    lines = [line for line in rows(browser.page) if "skatījās profilu" not in line]
    assert lines[1:] == before[: len(lines) - 1], "of five acts one is told"
    assert "laboja pamatdatus" in lines[0] and (BY_LAW if protected else name) in lines[0]
    assert not [line for line in lines if "ziņoja" in line or "izmeklēt" in line or "mēģināja" in line]
    assert ("Bērnu tiesību aizsardzības likums, 71. pants" in lines[0]) is protected
    for ground in (
        "Ko likums šeit rādīt neļauj",
        "Kriminālprocesa likums, 375. pants",
        "Regula (ES) 2016/679, 23. pants",
    ):
        assert ground in browser.page
    if protected:
        assert name not in browser.page
    await browser.get(f"{log}?institution={institution}")
    assert bool(rows(browser.page)) is not protected, "asking for an institution does not tell that it looked"
    await browser.get(f"{log}?person=mareks-vilks")
    assert len(rows(browser.page)) > 1, "who of the staff it was no question tells"
