"""From a school's first worry to a family's plan: each of the people in it does their part, in a browser of their own.

The story changes the register, so it has a demo of its own. Families and whoever is on the way use a phone; told a
second time the other way round, so that everybody does the whole part at a desk and on a phone.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from documents.model import day_of
from tests.browser.checks import accessible, overflowing
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.demo import Demo, running_demo
from tests.browser.visitor import Visitor

Meet = Callable[..., Awaitable[Visitor]]
BRUISE = "Paula ģērbtuvē slēpa roku: uz tās zilums kā no pirkstiem."
FEAR = "Uz vizīti atnāca ar brāli; par roku negrib stāstīt."
NEED = "Mājās nav droši, kad tētis dzer; mamma ir tālu."
FOUND = "Tētis dzer katru nedēļas nogali; Rihards māsu vakaros ved prom no mājām."
RISK = "Visvairāk vajag drošus vakarus mājās."
GOAL = "Paula vakaros mājās jūtas droši."
WORD = "Vai piektdien varu piezvanīt Jums abām kopā?"
QUESTION = "Kad nākamreiz apmeklēsiet ģimeni?"
HEARD = "Tiesa uzklausīja māti un bērnu; tikšanās notiek speciālista klātbūtnē."
CESIS = "0026000"
TABLE = "Bērni pēc prevencijas līmeņa"
EVENINGS = "Katru vakaru piezvana Paulai un pajautā, kā gāja"


@pytest.fixture
def own_demo(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A second demo beside the one that everybody else looks at."""
    with running_demo(tmp_path_factory.mktemp("story")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def meet(chromium: Browser, own_demo: Demo, other_way_round: bool) -> AsyncIterator[Meet]:
    """Somebody of the cast at a browser of their own; at the end nobody may have had a complaint."""
    visitors: dict[str, Visitor] = {}

    async def somebody(person: str, size: tuple[int, int] = DESKTOP) -> Visitor:
        if person not in visitors:
            size = {DESKTOP: PHONE, PHONE: DESKTOP}[size] if other_way_round else size
            context = await chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                has_touch=size == PHONE,
                locale="lv-LV",
                base_url=own_demo.base,
            )
            context.set_default_timeout(30_000)
            visitors[person] = await Visitor.arrive(await context.new_page(), own_demo)
            if person:
                await visitors[person].sign_in(person)
        return visitors[person]

    yield somebody
    for visitor in visitors.values():
        await visitor.page.context.close()
    assert [complaint for visitor in visitors.values() for complaint in visitor.complaints] == []


def day(ahead: int = 0) -> str:
    """A day from now as people write it."""
    return f"{day_of(datetime.now(UTC)) + timedelta(days=ahead):%d.%m.%Y}."


async def fill(visitor: Visitor, **values: str) -> None:
    """Fill in the fields of the page's form by their names: text, a choice, or an option."""
    for name, value in values.items():
        main, which = visitor.page.locator("main"), f'[name="{name}"]'
        field = main.locator(which)
        kind = await field.first.evaluate("(e) => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind in ("radio", "checkbox"):
            which += f'[value="{value}"]'
            field = main.locator(which)
        if not await field.first.is_visible():
            folded = main.locator("details:not([open])", has=visitor.page.locator(which))
            await folded.locator("summary").click()
        if kind == "select":
            await field.select_option(value)
        elif kind in ("radio", "checkbox"):
            await field.check()
        else:
            await field.first.fill(value)


async def the_school_and_the_doctor_report(meet: Meet, code: str) -> None:
    """The social pedagogue tells what she saw; nobody asks her head. The doctor does it on the phone."""
    aija, ruta = await meet("aija-zarina"), await meet("ruta-abele", PHONE)
    for visitor, kind, words, knows in (
        (aija, "violence_family", BRUISE, "must_not"),
        (ruta, "neglect", FEAR, "unknown"),
    ):
        await visitor.go("/reports")
        before = await visitor.page.locator("#own tbody tr").count()
        await visitor.follow("Ziņot par bērnu")
        visitor.expected = {422}
        await visitor.press("Nosūtīt ziņojumu")
        assert "personas kod" in await visitor.text(), "what is missing is said"
        await fill(visitor, code=code, kind=kind, day=day(), danger="no", family_knows=knows)
        await fill(visitor, present=CESIS, words=words)
        await visitor.press("Nosūtīt ziņojumu")
        assert await visitor.page.locator("#own tbody tr").count() == before + 1
        assert "Paula" not in await visitor.text() and words not in await visitor.text()


async def the_police_take_note(meet: Meet) -> None:
    """The inspector was told at once, and reads once he says that he has it."""
    martins = await meet("martins-skele", PHONE)
    await martins.go("/reports")
    await martins.page.locator("#told a").first.click()
    assert BRUISE not in await martins.text()
    await martins.press("Apstiprināt un lasīt")
    assert BRUISE in await martins.text()


async def the_social_worker_opens_the_dossier(meet: Meet, dossier: str) -> None:
    """She takes the report, reads, and decides with need and level."""
    dace = await meet("dace-ozola")
    await dace.go("/reports")
    new = dace.page.locator("#to-decide tbody tr").filter(has_text="vēl nav pieņemts")
    await new.filter(has_text="Vardarbība ģimenē").locator("a").click()
    assert BRUISE not in await dace.text()
    await dace.press("Pieņemt un lasīt")
    assert BRUISE in await dace.text() and "Aija Zariņa" in await dace.text()
    await fill(dace, outcome="open", kind="safe_home", description=NEED, level="3", legal_basis="child_rights_law")
    await dace.press("Izlemt")
    assert await dace.heading() == "Paula Sproģe" and dace.page.url.endswith(dossier)
    aija = await meet("aija-zarina")
    await aija.go("/reports")
    assert "bērnam palīdz" in await aija.text(), "the school learns what became of it"


async def the_head_asks_and_the_social_worker_leads(meet: Meet, dossier: str) -> None:
    """The head names who leads the case, without reading it; whoever is asked accepts."""
    vita = await meet("vita-eglite")
    await vita.go(f"{dossier}/naming")
    assert "Paula" not in await vita.text() and NEED not in await vita.text()
    await vita.page.locator("#manager-person").select_option("dace-ozola-1")
    await vita.press("Lūgt vadīt gadījumu")
    dace = await meet("dace-ozola")
    await dace.go("/desk")
    await dace.page.locator('main a[href^="/case-offers/"]').first.click()
    await dace.press("Uzņemties")
    assert await dace.heading() == "Paula Sproģe"


async def the_social_worker_assesses(meet: Meet, dossier: str) -> None:
    """Facts apart from levels; the triangle shows what nobody assessed."""
    dace = await meet("dace-ozola")
    await dace.go(f"{dossier}/assessments/new")
    await fill(dace, day=day(), fact_social_how="Mājas apmeklējums, saruna ar Paulu.", fact_social_child_heard="yes")
    await fill(dace, level_social_life="danger_none", level_social_bodily_health="danger_none", conclusions=FOUND)
    await fill(dace, level_social_safety="social_high", fact_social_safety_facts=BRUISE, recommendations=RISK)
    await dace.page.locator("#assessment-form .acts button").first.click()
    await dace.page.wait_for_load_state()
    assert FOUND in await dace.text()
    await dace.go(f"{dossier}/assessments")
    assert "augsts" in await dace.page.locator("#factor-safety").inner_text()


async def the_psychologist_asks_and_gets_a_part(meet: Meet, code: str, dossier: str) -> None:
    """He asks for two sections; the case manager grants one, and that one opens."""
    girts, dace = await meet("girts-kenins"), await meet("dace-ozola")
    await girts.go("/access-requests/new")
    await fill(girts, code=code, purpose="assess_need", legal_basis="child_rights_law", message="Paula nāk pie manis.")
    for section in ("assessments_summary", "timeline"):
        await fill(girts, sections=section)
    await girts.press("Nosūtīt pieprasījumu")
    await dace.go("/access-requests")
    await dace.page.locator("#to-decide a").first.click()
    assert "Ģirts Ķēniņš" in await dace.text()
    await fill(dace, outcome="grant")
    await dace.page.locator('main [name="sections"][value="timeline"]').uncheck()
    await dace.press("Izlemt")
    await girts.go(f"{dossier}/assessments")
    await girts.page.locator("#assessments a").first.click()
    assert RISK in await girts.text() and BRUISE not in await girts.text()
    girts.expected = {403, 404}
    assert await girts.go(f"{dossier}/timeline") in (403, 404)


async def the_plan_is_written_and_agreed(meet: Meet, dossier: str) -> None:
    """Goal, tasks and the mother's word from far away; the father's is written down; then it holds."""
    dace, agnese = await meet("dace-ozola"), await meet("agnese-sproge", PHONE)
    await dace.go(f"{dossier}/plan")
    await dace.press("Sākt plānu")
    await dace.follow("Pievienot mērķi")
    await fill(dace, text=GOAL)
    await dace.press("Saglabāt")
    for text, doer in ((EVENINGS, "p:agnese-sproge"), ("Divreiz nedēļā atnāk ciemos", "r:dace-ozola-1")):
        await dace.page.locator('main a[href*="kind=task&goal="]').first.click()
        await fill(dace, text=text, doer=doer, due=day(14))
        await dace.press("Saglabāt")
    await dace.press("Piedāvāt ģimenei")
    await agnese.go(f"{dossier}/plan")
    assert GOAL in await agnese.text() and BRUISE not in await agnese.text()
    await fill(agnese, word="agree")
    await agnese.press("Nosūtīt atbildi")
    await dace.go(f"{dossier}/plan?version=1")
    await fill(dace, person="oskars-sprogis", word="unable", reason="Nebija mājās, neatbild uz zvaniem.")
    await dace.press("Pierakstīt")
    await dace.press("Nodot izpildei")
    await agnese.go(f"{dossier}/plan")
    await agnese.press("Izdarīju")
    assert "Izdarīts" in await agnese.text()
    await dace.go(f"{dossier}/plan")
    assert "Izpildīts 1 no 2" in await dace.text() or "1 no 2" in await dace.text()


async def the_family_sees_who_looked(meet: Meet, dossier: str) -> None:
    """Institutions and times, no names of staff, and nothing of who reported."""
    agnese = await meet("agnese-sproge", PHONE)
    await agnese.go(f"{dossier}/access-log")
    rows = await agnese.page.locator("main tbody").inner_text()
    while await agnese.offers("Senāki"):
        await agnese.follow("Senāki")
        rows += await agnese.page.locator("main tbody").inner_text()
    assert "Sociālais dienests" in rows and "bāriņtiesa" in rows and "klīnika" in rows.lower()
    assert "Dace" not in rows and "2. pamatskola" not in rows and "policija" not in rows.lower()


async def the_mother_writes_and_is_answered(meet: Meet, dossier: str) -> None:
    """A message to the case manager, who answers; nobody else of the family reads it."""
    agnese, dace = await meet("agnese-sproge", PHONE), await meet("dace-ozola")
    await agnese.go(f"{dossier}/messages")
    await fill(agnese, text=WORD)
    await agnese.press("Nosūtīt")
    await dace.go(f"{dossier}/messages")
    await dace.page.locator("#threads a").first.click()
    assert WORD in await dace.text()
    await fill(dace, text="Jā, piektdien pulksten piecos.")
    await dace.press("Nosūtīt")
    await agnese.go(f"{dossier}/messages")
    await agnese.page.locator("#threads a").first.click()
    assert "piektdien pulksten piecos" in await agnese.text()


async def the_head_looks_after_the_cases(meet: Meet, dossier: str) -> None:
    """She sees who answers and what is due, asks, and reads no word of the family's life."""
    vita, dace = await meet("vita-eglite"), await meet("dace-ozola")
    await vita.go("/oversight?staff=dace-ozola-1")
    case = vita.page.locator("tbody tr").filter(has_text="PS, dzimšanas gads 2016")
    assert "Dace Ozola" in await case.inner_text()
    assert "Paula" not in await vita.text() and GOAL not in await vita.text()
    await case.locator("a").filter(has_text="Jautāt").click()
    await fill(vita, person="dace-ozola-1", text=QUESTION)
    await vita.press("Nosūtīt jautājumu")
    await dace.go(f"{dossier}/messages")
    await dace.page.locator("#threads a").filter(has_text="autājum").first.click()
    assert QUESTION in await dace.text()
    await fill(dace, text="Trešdien.")
    await dace.press("Nosūtīt")


async def the_court_decides_and_anybody_checks(meet: Meet, demo: Demo, dossier: str) -> None:
    """The court's member joins the team and orders how the father meets Paula: read by the mother, checked by all."""
    dace, anda, agnese = await meet("dace-ozola"), await meet("anda-zagare"), await meet("agnese-sproge", PHONE)
    await dace.go(f"{dossier}/team")
    court = next(person.roles[0] for person in demo.story.people if person.id == "anda-zagare")
    await fill(dace, email=court.email or "", function="Bāriņtiesa", why="Lemj, kā Paula satiek tēti.")
    await dace.press("Uzņemt komandā")
    await anda.go(f"{dossier}/decisions/new/contact_order")
    await anda.page.locator("main fieldset").filter(has_text="Par ko").get_by_label("Oskars Sproģis").check()
    await fill(anda, contact="supervised", parties="agnese-sproge", reasons=HEARD, in_force_from=day())
    await anda.press("Saglabāt projektu")
    agnese.expected = {403, 404}
    address = anda.page.url.removeprefix(demo.base)
    assert await agnese.go(address) in (403, 404), "a draft is the court's alone"
    await anda.press("Izdot lēmumu")
    assert "Nr." in await anda.text()
    assert await agnese.go(address) == 200 and HEARD in await agnese.text()
    async with agnese.page.expect_download() as waiting:
        await agnese.page.locator("main a.ds-button").filter(has_text="Saglabāt").click()
    sealed = await (await waiting.value).path()
    nobody = await meet("", PHONE)
    await nobody.go("/verify")
    await nobody.page.locator("#file").set_input_files(sealed)
    await nobody.page.locator("form[enctype] button").click()
    await nobody.page.wait_for_load_state()
    assert "Cēsu" in await nobody.text() and "Paula" not in await nobody.text()


async def the_ministry_reads_figures(meet: Meet, demo: Demo) -> None:
    """The analyst reads a registered table, the map and the CSV, at a desk and on a phone; no child is in any of it."""
    renate = await meet("renate-vilcina")
    while await renate.go("/analytics") == 200 and not await renate.offers(TABLE):
        assert "laidiens šobrīd top" in await renate.text(), "the demo makes its first release beside the pages"
    seen = []
    for size, group, within in ((DESKTOP, ".figure-table tr", "th"), (PHONE, ".figure-folds details", "summary")):
        await renate.page.set_viewport_size({"width": size[0], "height": size[1]})
        await renate.go("/analytics")
        seen.append(await renate.page.content())
        await renate.follow(TABLE)
        await renate.page.locator(f"{group} {within}").filter(has_text="7–12 gadi").click()
        assert await renate.page.locator(within).filter(has_text="8 gadi").is_visible(), "unfolded on the phone"
        assert await accessible(renate.page) + await overflowing(renate.page) == []
        seen.append(await renate.page.content())
        await renate.follow("Pa pašvaldībām")
        assert await renate.page.locator("svg.tiles").is_visible()
        assert await accessible(renate.page) + await overflowing(renate.page) == []
        seen.append(await renate.page.content())
    async with renate.page.expect_download() as waiting:
        await renate.follow("Lejupielādēt CSV")
    seen.append((await (await waiting.value).path()).read_text("utf-8-sig"))
    assert "Cēsu novads" in seen[-1]
    children = [(told.id, told.child.name) for told in demo.story.dossiers.values()]
    marks = {BRUISE, GOAL, NEED, *demo.story.codes.values(), *(mark for child in children for mark in child)}
    assert [mark for mark in marks if any(mark in page for page in seen)] == []


@pytest.mark.parametrize(
    "other_way_round",
    [pytest.param(False, id="as-they-work"), pytest.param(True, id="other-way-round", marks=pytest.mark.prove)],
)
async def test_from_a_first_worry_to_the_familys_plan(meet: Meet, own_demo: Demo) -> None:
    code, dossier = own_demo.code("paula"), own_demo.address("/dossiers/paula").removeprefix(own_demo.base)
    await the_school_and_the_doctor_report(meet, code)
    await the_police_take_note(meet)
    await the_social_worker_opens_the_dossier(meet, dossier)
    await the_head_asks_and_the_social_worker_leads(meet, dossier)
    await the_social_worker_assesses(meet, dossier)
    await the_psychologist_asks_and_gets_a_part(meet, code, dossier)
    await the_plan_is_written_and_agreed(meet, dossier)
    await the_mother_writes_and_is_answered(meet, dossier)
    await the_head_looks_after_the_cases(meet, dossier)
    await the_court_decides_and_anybody_checks(meet, own_demo, dossier)
    await the_family_sees_who_looked(meet, dossier)
    await the_ministry_reads_figures(meet, own_demo)
