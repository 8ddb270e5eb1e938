"""The brokered way, whole: who is linked by which word, at which level, and what happens when it goes wrong."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from documents.model import to_bson
from tests.keycloak.brokers import GATEWAY
from tests.keycloak.ground import CODES, PASSWORD, REALM, Ground
from tests.keycloak.served import Portal, Visitor
from tests.people import person


@pytest.fixture
def portal(brokered: Portal) -> Portal:
    return brokered


async def arrive(portal: Portal, means: str, user: str) -> tuple[Visitor, httpx.Response]:
    """Somebody chooses a means on our page and proves who they are there."""
    visitor = Visitor(portal)
    await visitor.go("/sign-in")
    (link,) = re.findall(rf'href="(/sign-in\?with={means}&amp;[^"]*)"', visitor.page)
    await visitor.go(link.replace("&amp;", "&"))
    await through_forms(visitor)
    await visitor.submit(username=user, password=PASSWORD)
    answer = await through_forms(visitor)
    return visitor, answer


async def through_forms(visitor: Visitor) -> httpx.Response:
    """SAML goes from one to the other by forms that send themselves."""
    answer = visitor.last
    while re.search(r'name="SAML(Request|Response)"', visitor.page):
        answer = await visitor.submit()
    return answer


async def person_of(portal: Portal, name: str) -> dict[str, Any]:
    row = await portal.held.store.people.find_one({"_id": name})
    assert row
    return row


async def refusals(portal: Portal) -> list[tuple[str | None, str]]:
    found = portal.held.store.audit_entries.find({"act": "sign_in.refused"})
    return [(row.get("person_id"), row["reason"]) async for row in found]


async def test_the_page_offers_what_is_on(portal: Portal) -> None:
    visitor = Visitor(portal)
    await visitor.go("/sign-in?return=/search")
    assert re.findall(r'href="/sign-in\?with=([a-z-]+)&amp;return=/search"', visitor.page) == [
        "latvija-lv",
        "smart-id",
        "staff",
    ]
    await visitor.go("/sign-in?with=eparaksts")
    assert "with=smart-id" in visitor.page, "what is off is not led to"


async def test_a_mother_comes_through_latvija_lv_and_is_linked_by_her_code(portal: Portal) -> None:
    visitor, answer = await arrive(portal, "latvija-lv", "ilze")
    assert answer.status_code == 200 and visitor.signed_in
    (linked,) = (await person_of(portal, "ilze"))["identities"]
    assert (linked["issuer"], linked["provider"]) == (portal.held.settings.oidc_issuer, "latvija-lv")
    session = await portal.held.store.sessions.find_one({})
    assert session and (session["person_id"], session["role_id"], session["acr"]) == ("ilze", "family", "substantial")
    entry = await portal.held.store.audit_entries.find_one({"act": "identity.linked"})
    assert entry and (entry["person_id"], entry["subject"]) == ("ilze", "latvija-lv")


async def test_the_second_time_nothing_is_linked_anew(portal: Portal) -> None:
    await arrive(portal, "smart-id", "inese")
    visitor, answer = await arrive(portal, "smart-id", "inese")
    assert answer.url.path == "/desk" and visitor.signed_in
    assert len((await person_of(portal, "inese"))["identities"]) == 1
    assert await portal.held.store.audit_entries.count_documents({"act": "identity.linked"}) == 1


@pytest.mark.asvs("6.8.1")
async def test_the_same_subject_of_two_providers_is_two_users(portal: Portal) -> None:
    """The institution has the same user under the same subject, but its word links nobody."""
    await arrive(portal, "smart-id", "inese")
    visitor, answer = await arrive(portal, "staff", "inese")
    assert answer.status_code == 403 and not visitor.signed_in
    assert await refusals(portal) == [(None, "unknown_person")]
    assert len((await person_of(portal, "inese"))["identities"]) == 1


async def test_somebody_linked_by_hand_may_use_the_institutions_account(portal: Portal, ground: Ground) -> None:
    await arrive(portal, "staff", "inese")
    users = await ground.admin.does("GET", f"{REALM}/users?idpAlias=staff")
    (subject,) = [user["id"] for user in users]
    link = {"issuer": portal.held.settings.oidc_issuer, "subject": subject, "since": portal.clock()}
    await portal.held.store.people.update_one({"_id": "inese"}, {"$push": {"identities": link}})
    visitor, answer = await arrive(portal, "staff", "inese")
    assert answer.url.path == "/desk" and visitor.signed_in


async def test_two_means_of_one_person_lead_to_one_account(portal: Portal) -> None:
    await arrive(portal, "smart-id", "ilze")
    await arrive(portal, "latvija-lv", "ilze")
    assert [one["provider"] for one in (await person_of(portal, "ilze"))["identities"]] == ["smart-id", "latvija-lv"]


@pytest.mark.parametrize(
    ("means", "user"), [("latvija-lv", "nobody"), ("latvija-lv", "deputy"), ("smart-id", "foreign")]
)
async def test_whom_we_do_not_know_and_who_acts_for_another_is_turned_away(
    portal: Portal, means: str, user: str
) -> None:
    visitor, answer = await arrive(portal, means, user)
    assert answer.status_code == 403 and "bet jums te nav konta" in visitor.page
    assert not visitor.signed_in
    assert await refusals(portal) == [(None, "unknown_person")]


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize(("means", "user"), [("smart-id", "low"), ("smart-id", "unsaid"), ("latvija-lv", "inese")])
async def test_a_level_too_low_or_unsaid_opens_nothing_and_other_means_are_offered(
    portal: Portal, means: str, user: str
) -> None:
    visitor, answer = await arrive(portal, means, user)
    assert answer.status_code == 403 and "ne tik droši" in visitor.page
    assert not visitor.signed_in
    ((who, reason),) = await refusals(portal)
    assert (who, reason) == ("inese" if user == "inese" else "dace", "level_too_low")
    await visitor.go("/sign-in/again")
    assert visitor.at == f"{portal.base}/sign-in" and "with=smart-id" in visitor.page
    await visitor.go("/sign-in?with=smart-id")
    assert 'name="password"' in visitor.page, "asked again, not let in by what the provider remembers"


async def test_a_mother_who_is_staff_too_may_be_family_with_what_is_not_enough_for_staff(portal: Portal) -> None:
    await portal.held.store.people.update_one(
        {"_id": "ilze"}, {"$set": {"roles": to_bson(person("inese"))["roles"], "children": ["d1"]}}
    )
    visitor, answer = await arrive(portal, "latvija-lv", "ilze")
    assert answer.url.path == "/roles"
    assert 'value="family"' in visitor.page and 'value="role-inese"' not in visitor.page
    assert "vajadzīgs līmenis „augsts”" in visitor.page
    token = visitor.page.split('name="csrf" value="')[1].split('"')[0]
    refused = await visitor.http.post(f"{portal.base}/roles", data={"role": "role-inese", "csrf": token})
    assert refused.status_code == 422
    answer = await visitor.submit(role="family")
    assert answer.status_code == 200 and answer.url.path != "/roles"


async def test_a_role_chosen_earlier_counts_for_nothing_at_a_lower_level(portal: Portal) -> None:
    visitor, _ = await arrive(portal, "smart-id", "inese")
    await portal.held.store.sessions.update_many({}, {"$set": {"acr": "substantial"}})
    assert (await visitor.go("/desk")).url.path == "/roles"


async def test_whoever_cancels_comes_to_no_account(portal: Portal) -> None:
    visitor = Visitor(portal)
    await visitor.go("/sign-in?with=smart-id")
    asked = next(httpx.URL(address) for address in visitor.asked if f"/{GATEWAY}/protocol" in address)
    back = asked.params["redirect_uri"]
    await visitor.go(f"{back}?error=access_denied&state={asked.params['state']}")
    assert not visitor.signed_in
    await visitor.go("/sign-in")
    assert "with=latvija-lv" in visitor.page


async def test_a_closed_account_is_not_linked(portal: Portal) -> None:
    await portal.held.store.people.update_one({"_id": "ilze"}, {"$set": {"deactivated": True}})
    visitor, answer = await arrive(portal, "latvija-lv", "ilze")
    assert answer.status_code == 403 and "konts te ir slēgts" in visitor.page
    assert "identities" not in await person_of(portal, "ilze")


async def test_while_one_provider_is_down_the_others_go_on(portal: Portal, ground: Ground) -> None:
    await ground.admin.does("PUT", GATEWAY, {"enabled": False})
    try:
        visitor = Visitor(portal)
        await visitor.go("/sign-in?with=smart-id")
        assert 'name="password"' not in visitor.page and not visitor.signed_in
        visitor, _ = await arrive(portal, "latvija-lv", "ilze")
        assert visitor.signed_in
    finally:
        await ground.admin.does("PUT", GATEWAY, {"enabled": True})


@pytest.mark.asvs("14.2.1", "16.2.5")
async def test_a_personal_code_stands_in_no_address_no_log_no_session_and_no_event(
    portal: Portal, ground: Ground, capfd: pytest.CaptureFixture[str]
) -> None:
    visits = [(await arrive(portal, *way))[0] for way in (("latvija-lv", "ilze"), ("smart-id", "inese"))]
    store = portal.held.store
    kept = [await found.find({}).to_list() for found in (store.sessions, store.audit_entries, store.people)]
    events = await ground.admin.does("GET", f"{REALM}/events?max=500")
    users = await ground.admin.does("GET", f"{REALM}/users?briefRepresentation=false&max=100")
    assert events and users
    said = [str(kept), str(events), str(users), ground.keycloak.log.read_text(), *capfd.readouterr()]
    said += [address for visit in visits for address in visit.asked]
    for name in ("ilze", "inese"):
        for code in (CODES[name], CODES[name].replace("-", "")):
            assert not [where[:80] for where in said if code in where]


async def slowly(answer: httpx.Response) -> None:
    """The way back takes longer than the second in which the person proved it."""
    if f"/realms/{GATEWAY}/login-actions/" in str(answer.request.url):
        await asyncio.sleep(1.2)


async def test_proving_anew_goes_by_the_same_means(portal: Portal) -> None:
    visitor, _ = await arrive(portal, "smart-id", "inese")
    await visitor.go("/step-up/begin?return=/search")
    assert f"/realms/{GATEWAY}/" in visitor.at and 'name="password"' in visitor.page
    visitor.http.event_hooks["response"].append(slowly)
    answer = await visitor.submit(password=PASSWORD)
    assert answer.url.path == "/search"
    entry = await portal.held.store.audit_entries.find_one({"act": "session.stepped_up"})
    assert entry and "outcome" not in entry, "it was accepted"
