"""Mail: to whom a notice is for now, once each, whatever the mail server answers and however many workers run."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from documents.acts import Act
from documents.audit import AuditEntry
from documents.institution import Institution, Unit
from documents.jobs import CLAIM, claim, given_up, job_states, try_again
from documents.model import to_bson
from documents.person import Person
from documents.store import Store, Transaction
from portal.app import create_app
from portal.cli.demo import demo_runtime
from portal.emergency.actions import use_emergency
from portal.mail.addressing import MAIL, NOTICE
from portal.mail.caught import CaughtPost
from portal.mail.post import PostAway
from portal.mail.rules import ATTEMPTS
from portal.mail.sending import Mailing
from portal.notices import tell
from portal.notices.kinds import KINDS
from portal.runtime import Runtime
from portal.settings import Settings
from tests.browsing import Browser, Clock
from tests.mail_server import MailServer, certificate, mail_server
from tests.pages.test_access_request_pages import real_who
from tests.pages.test_notice_pages import EMERGENCY, INESE, MARTA
from tests.people import NOW, person, role_of
from tests.scans import no_collection_scans

Visit = Callable[..., Awaitable[Browser]]
URL = "https://portal.example"


def mailing(store: Store, server: MailServer, clock: Clock, name: str = "one") -> Mailing:
    return Mailing(store, server.post(), URL, name, clock)


async def told(store: Store, keys: list[str], change: str = "added", times: int = 1) -> None:
    """Put notices into the outbox as every change does."""

    async def work(transaction: Transaction) -> None:
        for number in range(times):
            tell(transaction, keys, change, NOW, "dossier-of-marta", f"subject-{number}")
        transaction.record(AuditEntry(act=Act.STORY_LOADED, at=NOW))

    await store.transact(work)


async def add(store: Store, *people: Person) -> None:
    await store.people.insert_many([to_bson(each) for each in people])


async def mails(store: Store) -> list[dict[str, Any]]:
    return await store.outbox.find({"kind": MAIL}).sort("at", 1).to_list()


async def test_whoever_a_notice_is_for_now_gets_one_mail_and_nobody_else(demo_store: Store, tmp_path: Path):
    units = [Unit(id="u1", name="Nodaļa"), Unit(id="u2", name="Grupa", parent="u1")]
    service = Institution(_id="service", type="social_service", name="Dienests", units=units)
    await demo_store.institutions.insert_one(to_bson(service))
    head = {"position": "social_service_head", "level": 3}
    await add(
        demo_store,
        person("inese", roles=[role_of("inese", email="inese@work.example")], email="inese@home.example"),
        person("aija", email="aija@home.example"),
        person("ruta", roles=[role_of("ruta", to=date(2026, 1, 1))], email="ruta@home.example"),
        person("martins"),
        person("anda", deactivated=True, email="anda@home.example"),
        person("janis", email="head@work.example"),
        person("vita", roles=[role_of("janis", id="role-vita", unit_id="u1")], email="unit-head@work.example"),
        person("olga", roles=[role_of("olga", **head)], email="other-head@work.example"),
        person("ilze", children=["d1"], email="ilze@home.example"),
        person("andris", email="andris@home.example"),
    )
    async with mail_server(tmp_path) as server:
        clock = Clock(NOW)
        everybody = [f"r:role-{name}" for name in ("inese", "aija", "ruta", "martins", "anda", "nobody")]
        async with no_collection_scans(demo_store.database):
            await told(demo_store, [*everybody, "p:ilze", "p:andris", "p:nobody", "i:service", "u:u2", "i:x", "u:x"])
            assert await mailing(demo_store, server, clock).round() == 5
            assert await mailing(demo_store, server, clock).round() == 0
        await demo_store.database.drop_collection("system.profile")
        assert sorted(server.receivers) == [
            "aija@home.example",
            "head@work.example",
            "ilze@home.example",
            "inese@work.example",
            "unit-head@work.example",
        ]
        assert [str(each["To"]) for each in server.letters] == server.receivers
    outcomes = {row["content"]["person_id"]: row["content"]["outcome"] for row in await mails(demo_store)}
    assert outcomes.pop("martins") == "no_address"
    assert set(outcomes.values()) == {"sent"}
    assert await demo_store.outbox.count_documents({"kind": NOTICE, "state": "done", "expires": {"$ne": None}}) == 13


async def test_no_kind_of_notice_tells_anything_of_anybody(demo_store: Store, tmp_path: Path):
    """Whatever stands in the notice, the person, the role: over the wire goes an address and one of our texts."""
    marked = role_of("inese", id="MARK-role", institution_id="MARK-inst", email="safe@work.example")
    inese = person("MARKinese", given_name="MARK\r\nBcc: x@y.example", family_name="MARK", phone="MARK", roles=[marked])
    await add(demo_store, inese, person("MARKilze", children=["MARK"], family_name="MARK", email="p@home.example"))
    async with mail_server(tmp_path) as server:
        for change in KINDS:
            await told(demo_store, ["r:MARK-role", "p:MARKilze"], change)
        assert await mailing(demo_store, server, Clock(NOW)).round() == 2 * len(KINDS)
        for wire in server.taken:
            assert b"MARK" not in wire and b"dossier-of" not in wire and b"subject-" not in wire
            assert b"Bcc" not in wire
        assert set(server.receivers) == {"safe@work.example", "p@home.example"}
        assert len(set(server.ids)) == 2 * len(KINDS)


async def test_what_was_read_meanwhile_needs_no_mail(demo_store: Store, tmp_path: Path):
    await add(demo_store, person("inese", email="inese@home.example"))
    async with mail_server(tmp_path) as server:
        await told(demo_store, ["r:role-inese"], times=2)
        await demo_store.outbox.update_one({"subject": "subject-0"}, {"$set": {"read_by": ["role-inese"]}})
        one = mailing(demo_store, server, Clock(NOW))
        await server.stop()
        with pytest.raises(PostAway):
            await one.round()
        await demo_store.outbox.update_one({"subject": "subject-1"}, {"$set": {"read_by": ["role-inese"]}})
        await server.start()
        assert await one.round() == 0
    assert [row["content"]["outcome"] for row in await mails(demo_store)] == ["read"]


async def test_two_workers_at_once_send_each_mail_once(demo_store: Store, tmp_path: Path):
    await add(demo_store, person("inese", email="inese@home.example"), person("aija", email="aija@home.example"))
    async with mail_server(tmp_path) as server:
        await told(demo_store, ["r:role-inese", "r:role-aija"], times=20)
        clock = Clock(NOW)
        workers = [mailing(demo_store, server, clock, name) for name in ("one", "two", "three")]
        sent = await asyncio.gather(*(worker.round() for worker in workers))
        assert sum(sent) + sum(await asyncio.gather(*(worker.round() for worker in workers))) == 40
        assert len(server.ids) == len(set(server.ids)) == 40


async def test_a_worker_that_died_with_a_claim_leaves_its_work_to_the_next(demo_store: Store, tmp_path: Path):
    await add(demo_store, person("inese", email="inese@home.example"))
    await told(demo_store, ["r:role-inese"])
    clock = Clock(NOW)
    async with mail_server(tmp_path) as server:
        assert await claim(demo_store, NOTICE, "died", clock.now)
        assert await mailing(demo_store, server, clock).round() == 0, "one open claim"
        clock.now += CLAIM + timedelta(seconds=1)
        await server.stop()
        with pytest.raises(PostAway):
            await mailing(demo_store, server, clock).round()
        assert await claim(demo_store, MAIL, "died too", clock.now)
        await server.start()
        assert await mailing(demo_store, server, clock).round() == 0
        clock.now += CLAIM + timedelta(seconds=1)
        assert await mailing(demo_store, server, clock).round() == 1
        assert len(server.taken) == 1


async def test_a_server_that_is_away_costs_no_attempt_and_gets_all_when_it_is_back(demo_store: Store, tmp_path: Path):
    await add(demo_store, person("inese", email="inese@home.example"))
    await told(demo_store, ["r:role-inese"], times=3)
    async with mail_server(tmp_path) as server:
        one = mailing(demo_store, server, Clock(NOW))
        await server.stop()
        for _ in range(3):
            with pytest.raises(PostAway):
                await one.round()
        assert [row["attempts"] for row in await mails(demo_store)] == [0, 0, 0]
        await server.start()
        assert await one.round() == 3
        assert len(set(server.ids)) == 3


async def test_not_now_is_tried_again_after_growing_pauses_and_never_is_given_up_where_it_is_seen(
    demo_store: Store, tmp_path: Path
):
    await add(demo_store, person("inese", email="secret.name@home.example"))
    await told(demo_store, ["r:role-inese"])
    clock = Clock(NOW)
    async with mail_server(tmp_path) as server:
        one = mailing(demo_store, server, clock)
        server.answers["RCPT"].extend(["450 4.2.0 <secret.name@home.example> busy"] * 2)
        server.answers["DATA"].append("451 4.3.0 later")
        for pause in (1, 2, 4):
            assert await one.round() == 0
            (row,) = await mails(demo_store)
            assert row["state"] == "waiting" and row["due"] == clock.now + timedelta(minutes=pause)
            assert "home.example" not in str(row), "what a server says of an address is not kept"
            clock.now += timedelta(minutes=pause) - timedelta(seconds=1)
            assert await one.round() == 0, "not before its time"
            clock.now += timedelta(seconds=1)
        assert await one.round() == 1
        assert len(server.taken) == 1

        await told(demo_store, ["r:role-inese"])
        server.answers["RCPT"].append("550 5.1.1 <secret.name@home.example> unknown")
        clock.now = NOW
        assert await one.round() == 0
        (failed,) = await given_up(demo_store)
        assert (failed.error, failed.attempts, failed.expires) == ("550", 1, None)
        states = {state.kind: state for state in await job_states(demo_store, [NOTICE, MAIL])}
        assert (states[MAIL].failed, states[MAIL].waiting, states[NOTICE].failed) == (1, 0, 0)
        clock.now += timedelta(days=30)
        assert await one.round() == 0, "given up is given up"
        assert await try_again(demo_store, clock.now) == 1
        assert await one.round() == 1
        assert await given_up(demo_store) == []


async def test_a_mail_that_no_server_takes_for_three_days_is_given_up(demo_store: Store, tmp_path: Path):
    await add(demo_store, person("inese", email="inese@home.example"))
    await told(demo_store, ["r:role-inese"])
    clock = Clock(NOW)
    async with mail_server(tmp_path) as server:
        server.answers["RCPT"].extend(["452 4.2.2 full"] * (ATTEMPTS + 5))
        one = mailing(demo_store, server, clock)
        for _ in range(ATTEMPTS):
            assert await given_up(demo_store) == []
            await one.round()
            clock.now += timedelta(hours=6)
        (failed,) = await given_up(demo_store)
        assert (failed.error, failed.attempts) == ("452", ATTEMPTS)


async def test_a_server_that_breaks_off_is_asked_again_and_one_bad_address_stops_no_other(
    demo_store: Store, tmp_path: Path
):
    bad = person("aija", email="aija@home.example\r\nBcc: everybody@home.example")
    await add(demo_store, person("inese", email="inese@home.example"), bad)
    await told(demo_store, ["r:role-aija", "r:role-inese"])
    clock = Clock(NOW)
    async with mail_server(tmp_path) as server:
        server.answers["RCPT"].append("421 going down")
        one = mailing(demo_store, server, clock)
        with pytest.raises(PostAway):
            await one.round()
        clock.now += timedelta(minutes=1)
        assert await one.round() == 1
        assert server.receivers == ["inese@home.example"]
        assert not [said for said in server.said if "everybody" in said]
    assert [item.error for item in await given_up(demo_store)] == ["no plain address"]


@pytest.mark.asvs("12.3.2")
@pytest.mark.parametrize("implicit", [False, True])
async def test_the_password_goes_only_to_the_server_that_proves_its_name(tmp_path: Path, implicit: bool):
    async with mail_server(tmp_path, implicit=implicit, login=("atbalsts", "a long password")) as server:
        async with server.post(("atbalsts", "a long password")).open():
            pass
        with pytest.raises(PostAway, match="535"):
            async with server.post(("atbalsts", "another")).open():
                pass
        said = len([word for word in server.said if word.startswith("AUTH")])
        assert said == 2
        server.pem = certificate(tmp_path, "192.0.2.1")
        stranger = ssl.create_default_context()
        for post in (server.post(("atbalsts", "a long password")), _with(server.post(), stranger)):
            with pytest.raises(PostAway):
                async with post.open():
                    pass
        assert len([word for word in server.said if word.startswith("AUTH")]) == said


def _with(post: Any, context: ssl.SSLContext) -> Any:
    return replace(post, context=context)


async def test_a_server_without_tls_gets_nothing(tmp_path: Path):
    async with mail_server(tmp_path, offers_tls=False) as server:
        with pytest.raises(PostAway):
            async with server.post(("atbalsts", "a long password")).open():
                pass
        assert not [word for word in server.said if word.startswith(("AUTH", "MAIL", "RCPT"))]


async def test_the_demo_shows_what_it_sent(visit: Visit, held: Runtime):
    await use_emergency(held.store, await real_who(held, "ineta-godmane"), MARTA, EMERGENCY, held.now())
    one = Mailing(held.store, CaughtPost(held.store), held.settings.public_url, "one", held.now)
    assert await one.round() == 3
    nobody = await visit()
    async with no_collection_scans(held.store.database):
        await nobody.get("/demo/mail")
    assert re.findall(r"Kam: (\S+)", nobody.page) == re.findall(r"Kam: (\S+@\S+\.example)", nobody.page)
    assert nobody.page.count("Kam: ") == 3 and "inese.liepina@" in nobody.page
    assert "Labdien!" in nobody.page and f"{held.settings.public_url}/notices" in nobody.page
    assert "Marta" not in nobody.page and "Nosūtītās vēstules" in nobody.page
    inese = await visit(INESE)
    await inese.get("/notices")
    await inese.post("/language/en", {"next": "/notices"})
    await inese.get("/demo/mail")
    assert "Mail sent" in inese.page


async def test_only_the_demo_has_a_page_of_sent_mail(held: Runtime, tmp_path: Path):
    production = held.settings.model_copy(update={"mode": "production", "public_url": URL})
    app = create_app(Runtime(**{**vars(held), "settings": production}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as browser:  # type: ignore[arg-type]
        assert (await browser.get("/demo/mail")).status_code == 404
    demo = demo_runtime(held.store, tmp_path, 8000)
    assert isinstance(demo.post, CaughtPost) and isinstance(demo.settings, Settings)
    await demo.oidc.aclose()
