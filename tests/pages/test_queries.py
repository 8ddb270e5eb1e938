"""Every query has its index: pages, searches, writes and the jobs beside them never read a whole collection."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from documents.copies import COPIES, work_once
from documents.files import sweep_pending
from documents.model import day_of
from documents.outbox import OutboxItem
from documents.personal_code import parse
from documents.seals import seal_once
from fixtures.story import dossier_id
from portal.identities.joining import Order, join_with_code
from portal.identities.parting import unjoin
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of
from tests.scans import CollectionScan, no_collection_scans

MARTA = dossier_id("marta")
TABS = ("", "/grants", "/timeline", "/plan", "/family", "/documents", "/access-log", "/level", "/events/new", "/base")
FILTERS = ("?view=list", "?period=1y", "?domain=education", "?kind=home_visit", "?assessments=1")
Visit = Callable[..., Awaitable[Browser]]


async def test_the_control_a_query_without_an_index_is_seen(held: Runtime):
    with pytest.raises(CollectionScan, match=r"dossiers.*interests"):
        async with no_collection_scans(held.store.database):
            await held.store.people.find_one({"_id": "inese-liepina"})
            await held.store.dossiers.find_one({"base.interests": "dambrete"})


@pytest.mark.parametrize(
    "person", ["inese-liepina", "aija-zarina", "ruta-abele", "vita-eglite", "zane-kaulina", "liga-purina"]
)
async def test_reading(visit: Visit, held: Runtime, person: str):
    async with no_collection_scans(held.store.database):
        visitor = await visit(person)
        for path in (
            "/",
            "/roles",
            "/desk",
            "/tasks",
            "/search",
            "/access-requests",
            "/access-requests/new",
            "/reports",
            "/reports/new",
            *(f"/dossiers/{MARTA}{tab}" for tab in TABS),
        ):
            await visitor.get(path)
        for filters in FILTERS:
            await visitor.get(f"/dossiers/{MARTA}/timeline{filters}")


async def test_searching_and_identifying_a_need(visit: Visit, held: Runtime):
    code = codes_of(held)[dossier_id("paula")]
    async with no_collection_scans(held.store.database):
        visitor = await visit("aija-zarina")
        await visitor.get("/search")
        assert "Marta" in (await visitor.post("/search", {"q": "mar"})).text
        assert (await visitor.post("/search/nation", {"q": "Tomass Grinbergs 01.02.2019."})).status_code == 200
        assert (await visitor.post("/search/nation", {"q": code})).status_code == 200
        token = visitor.hidden("child")
        assert token
        assert (await visitor.post("/needs/new", {"child": token})).status_code == 200
        need = {
            "child": token,
            "kind": "school_attendance",
            "description": "Oktobrī kavētas 20 stundas, mājās nav, kas pamodina.",
            "level": "2",
            "legal_basis": "child_rights_law",
        }
        assert (await visitor.post("/needs", need)).status_code == 200


async def test_reporting_and_deciding(visit: Visit, held: Runtime):
    code = codes_of(held)[MARTA]
    async with no_collection_scans(held.store.database):
        aija, dace, police = await visit("aija-zarina"), await visit("dace-ozola"), await visit("martins-skele")
        await aija.get("/reports/new")
        report = aija.hidden("submission")
        form = {
            "submission": report,
            "code": code,
            "kind": "violence_other",
            "day": f"{day_of(held.now()):%d.%m.%Y}.",
            "danger": "no",
            "family_knows": "unknown",
            "present": "0026000",
            "words": "Skolas pagalmā viņu sita divi lielie zēni.",
        }
        assert (await aija.post("/reports", form)).url.path == "/reports"
        for browser in (dace, police):
            await browser.get(f"/reports/{report}")
            assert (await browser.post(f"/reports/{report}/acknowledgement")).status_code == 200
        assert form["words"] in dace.page
        await dace.post(
            f"/reports/{report}/decision",
            {"outcome": "refer", "reason": "Jālemj tur, kur dzīvo.", "to_type": "orphans_court", "to_place": "0026000"}
            | {"version": dace.hidden("version")},
        )
        for person, path in (("vita-eglite", "/reports"), ("inese-liepina", f"/dossiers/{MARTA}/reports")):
            await (await visit(person)).get(path)
        mother = await visit("ilze-kalnina")
        await mother.get("/reports/new")


async def test_a_child_without_a_code(visit: Visit, held: Runtime):
    async with no_collection_scans(held.store.database):
        visitor = await visit("aija-zarina")
        await visitor.get("/needs/without-code")
        need = {
            "kind": "safe_home",
            "description": "Atrasta viena pati.",
            "level": "3",
            "legal_basis": "child_rights_law",
        }
        child = {"given_name": "Leyla", "name_unknown": "yes", "born": "2019", "sex": "f"}
        form = {name: visitor.hidden(name) for name in ("role", "submission")}
        assert "Leyla" in (await visitor.post("/needs/without-code", form | need | child)).text


async def test_joining_and_taking_apart(visit: Visit, held: Runtime):
    child = await held.store.dossiers.find_one({"child.provisional": True, "child.given_name": "Leyla"})
    assert child
    order = Order("server", "Kods kļuva zināms", held.now())
    code = codes_of(held)[dossier_id("paula")]
    async with no_collection_scans(held.store.database):
        await join_with_code(held.store, child["_id"], parse(code, accept_invented=True), order)
        visitor = await visit("aija-zarina")
        assert (await visitor.get(f"/dossiers/{child['_id']}")).url.path == f"/dossiers/{dossier_id('paula')}"
        await unjoin(held.store, child["_id"], order)


async def test_writing(visit: Visit, held: Runtime):
    async with no_collection_scans(held.store.database):
        visitor = await visit("inese-liepina")
        await visitor.get(f"/dossiers/{MARTA}/events/new")
        form = {
            "csrf": visitor.csrf,
            "role": visitor.hidden("role"),
            "submission": visitor.hidden("submission"),
            "kind": "home_visit",
            "day": f"{day_of(held.now()):%d.%m.%Y}.",
            "summary": "Mājās silti un mierīgi",
            "detail": "Marta rādīja savus zīmējumus.",
            "confidentiality": "standard",
            "field_present": "Ilze, Marta",
            "field_conditions": "good",
            "field_observed": "Silts",
        }
        await visitor.post(f"/dossiers/{MARTA}/events/draft", form)
        saved = await visitor.post(f"/dossiers/{MARTA}/events", form)
        assert saved.status_code == 200
        await visitor.get(f"{saved.url.path}/correction")
        await visitor.get(f"{saved.url.path}/withdrawal")
        await visitor.get(f"/dossiers/{MARTA}/base")
        await visitor.post(f"/dossiers/{MARTA}/base", {"interests": "Dambrete", "was_interests": "-"})
        row = await held.store.dossiers.find_one({"_id": MARTA}, {"relationships": 1}) or {}
        mother = next(r["id"] for r in row["relationships"] if r.get("person_id") == "ilze-kalnina")
        contacts = f"/dossiers/{MARTA}/family/{mother}/contacts"
        await visitor.get(contacts)
        now = {name: visitor.hidden(name) for name in ("was_phone", "version_phone")}
        await visitor.post(contacts, {"phone": "0000 0777"} | now)
        assert "0000 0777" in visitor.page
        while await work_once(held.store, "test", held.now()):
            pass


async def test_asking_for_access_deciding_and_taking_it_back(visit: Visit, held: Runtime):
    until = f"{day_of(held.now()) + timedelta(days=9):%d.%m.%Y}."
    code = codes_of(held)[MARTA]
    async with no_collection_scans(held.store.database):
        elina, inese = await visit("ilona-vitola"), await visit("inese-liepina")
        await elina.get("/access-requests/new")
        form = {"code": code, "sections": ["base"], "purpose": "treat_child", "legal_basis": "medical_treatment_law"}
        sent = await elina.post("/access-requests", form | {"until": until, "message": "Gatavojam vizīti klīnikā."})
        assert sent.url.path == "/access-requests"
        await inese.get("/desk")
        await inese.get("/access-requests")
        found = await held.store.access_requests.find_one({"by.role_id": "ilona-vitola-1"}) or {}
        request = found["_id"]
        await inese.get(f"/access-requests/{request}")
        decision = {"outcome": "grant", "sections": ["base"], "until": until}
        assert (await inese.post(f"/access-requests/{request}/decision", decision)).status_code == 200
        await elina.get("/access-requests")
        await elina.get(f"/dossiers/{MARTA}")
        await inese.get(f"/dossiers/{MARTA}/grants")
        grant = inese.page.split("/grants/")[1].split("/")[0]
        await inese.post(f"/dossiers/{MARTA}/grants/{grant}/revocation")
        denial = {"email": "nobody@x.example", "reason": "Interešu konflikts", "call": "Inese", "until": ""}
        assert (await inese.post(f"/dossiers/{MARTA}/denials", denial)).status_code == 422
    async with no_collection_scans(held.store.database):
        ineta = await visit("ineta-godmane")
        await ineta.get("/search")
        await ineta.post("/search/nation", {"q": code})
        token = ineta.page.split('action="/emergencies/new"')[1].split('name="child" value="')[1].split('"')[0]
        await ineta.post("/emergencies/new", {"child": token})
        why = {"ground": "protect_from_threat", "legal_basis": "child_rights_law", "reason": "Bērns viens pats mājās."}
        assert (await ineta.post("/emergencies", why | {"child": ineta.hidden("child")})).status_code == 200
        await ineta.get(f"/dossiers/{MARTA}/emergency-help")
        done = await ineta.post(f"/dossiers/{MARTA}/emergency-help", {"help": "Bērns ir pie vecmāmiņas."})
        assert "/events/" in done.url.path
        row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
        review = f"/dossiers/{MARTA}/emergencies/{row['emergencies'][-1]['id']}/review"
        await inese.get(review)
        verdict = {"verdict": "justified", "words": "Bērns tiešām bija briesmās."}
        assert (await inese.post(review, verdict)).status_code == 200
    async with no_collection_scans(held.store.database):
        for person in ("vita-eglite", "sanita-berzina"):
            head = await visit(person)
            await head.get("/desk")
            await head.get("/access-requests")


async def test_the_jobs_beside_the_pages_and_the_end_of_sessions(visit: Visit, held: Runtime):
    now = held.now()
    await visit("inese-liepina")
    await held.store.outbox.insert_one(OutboxItem(kind=COPIES, at=now, subject="inese-liepina").as_row())
    async with no_collection_scans(held.store.database):
        await seal_once(held.store, held.audit_key, "test", now)
        await seal_once(held.store, held.audit_key, "test", now + timedelta(seconds=1))
        await work_once(held.store, "test", now)
        await sweep_pending(held.store, now)
        await held.sessions.end_by_person("inese-liepina", now)
        await held.sessions.end_by_sub("inese-liepina", now)
        await held.sessions.end_by_sid("sid", now)
