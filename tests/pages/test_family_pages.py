"""Family and contacts: everybody for who works with the child, of the other parent name and legal role only."""

import re
from collections.abc import Awaitable, Callable

from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser

MARTA, JANIS, LIVA, KATE = (dossier_id(label) for label in ("marta", "janis", "liva", "kate"))
Visit = Callable[..., Awaitable[Browser]]


async def test_a_professional_sees_everybody_with_role_household_contact_and_source(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/family")
    for name in ("Velta Kalniņa", "Ilze Kalniņa", "Andris Kalniņš", "Raivis Lūsis", "Jānis Kalniņš", "Līva Lūse"):
        assert name in browser.page
    assert "kopīga aizgādība" in browser.page and "Fizisko personu reģistrs" in browser.page
    assert '<svg class="kin' in browser.page and "saspringtas" in browser.page


async def test_what_another_source_says_of_a_relationship_stands_beside_it_for_professionals(
    visit: Visit, held: Runtime
) -> None:
    other = {
        "source": "sopa",
        "value": "stepmother; custody 2015-03-01/2020-05-31; guardianship /",
        "as_of": "2026-11-01",
    }
    mine = {"_id": MARTA, "relationships.person_id": "ilze-kalnina"}
    await held.store.dossiers.update_one(mine, {"$set": {"relationships.$.mismatch": other}})
    said = "pamāte; kopīga aizgādība, kopš 01.03.2015., līdz 31.05.2020.; aizbildnība"
    for person, sees in (("inese-liepina", True), ("martins-skele", True), ("ilze-kalnina", False)):
        browser = await visit(person)
        await browser.get(f"/dossiers/{MARTA}/family")
        assert (said in browser.page and "Pašvaldību sociālās palīdzības" in browser.page) is sees, person
        assert "stepmother" not in browser.page
    await held.store.dossiers.update_one(mine, {"$unset": {"relationships.$.mismatch": ""}})


async def test_a_link_leads_to_a_sibling_only_for_who_reaches_that_dossier(visit: Visit) -> None:
    for person, reached in (("inese-liepina", True), ("martins-skele", False)):
        browser = await visit(person)
        await browser.get(f"/dossiers/{MARTA}/family")
        assert (f'href="/dossiers/{LIVA}"' in browser.page) is reached, person
        assert ((await browser.get(f"/dossiers/{LIVA}")).status_code == 200) is reached


async def test_a_parent_sees_oneself_and_children_in_common_and_of_the_other_parent_name_and_role(visit: Visit) -> None:
    father = await visit("andris-kalnins")
    await father.get(f"/dossiers/{MARTA}/family")
    rows = re.findall(r"<tr>.*?</tr>", father.page, re.S)
    mother = next(row for row in rows if "Ilze Kalniņa" in row)
    assert "kopīga aizgādība" in mother
    assert "tel:" not in mother and "mailto:" not in mother and "dzīvo" not in mother and "38" not in mother
    assert "Jānis Kalniņš" in father.page
    for hidden in ("Raivis", "Līva", "Velta", "saspringtas attiecības</"):
        assert hidden not in father.page.split("kin-legend")[0], hidden
        assert hidden not in "".join(rows), hidden


async def test_a_foster_parent_sees_no_addresses_or_telephones_of_the_parents(visit: Visit, held: Runtime) -> None:
    browser = await visit("gunta-silina")
    assert (await browser.get(f"/dossiers/{KATE}/family")).status_code == 200
    row = await held.store.people.find_one({"_id": "santa-zvaigzne"})
    assert row and row["phone"] not in browser.page and row["email"] not in browser.page


async def test_a_parent_whose_custody_is_suspended_finds_nothing(visit: Visit) -> None:
    browser = await visit("santa-zvaigzne")
    for section in ("", "/family", "/timeline", "/access-log"):
        assert (await browser.get(f"/dossiers/{KATE}{section}")).status_code in (403, 404)
        assert "Kate" not in browser.page
