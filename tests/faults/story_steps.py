"""The story's writing steps, from a first worry to a plan and a decision, sent by a hand that may be interrupted."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx

from documents.dossier import Dossier
from documents.model import day_of
from documents.plan import in_force
from documents.store import Store
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.pages.test_access_request_pages import ask_form, code_of
from tests.pages.test_assessment_pages import filled
from tests.pages.test_report_pages import CESIS, NEED, form

Sending = Callable[[], Awaitable[httpx.Response]]
Fault = Callable[[Sending], Awaitable[httpx.Response | None]]  # None: whoever sent it is gone
MARTA, TOMASS, PAULA = dossier_id("marta"), dossier_id("tomass"), dossier_id("paula")
AT = f"/dossiers/{MARTA}"
PLACE = re.compile(r'name="case" id="[^"]+" value="([^"]+)"')
PATIENCE = 8  # times the same form is sent
LOOKS = ("read", "searched", "taken", "preview")  # how acts end that change nothing
# What comes and goes, or stands in the ledger by what it says: looks may be repeated, a file is nothing until kept.
PASSING = {"sessions", "drafts", "rates", "audit", "audit_seals", "keys", "files", "fs.files", "fs.chunks"}


class Hand:
    """Sends forms as people do who were told that something went wrong: the same once more."""

    def __init__(self, held: Runtime, fault: Fault) -> None:
        self.held, self._fault, self.sent, self.again = held, fault, 0, 0

    async def browser(self, person: str, role: str | None = None) -> Browser:
        """Somebody signed in anew."""
        await self.held.store.rates.delete_many({})
        return await Browser(self.held).sign_in(person, role)

    async def send(self, browser: Browser, path: str, sent: dict[str, Any]) -> str:
        """Send a form under a fault, and again until it is answered; returns where it led."""
        data = {"csrf": browser.csrf} | sent
        self.sent += 1
        answer = await self._fault(lambda: browser.client.post(path, data=data))
        for _ in range(PATIENCE):
            if answer is not None and answer.status_code != 503:
                break
            self.again += 1
            answer = await browser.client.post(path, data=data)
        assert answer is not None
        lost = self.again > 0
        assert answer.status_code in ((303, 409) if lost else (303,)), (path, answer.status_code, answer.text[:3000])
        return str(answer.headers.get("location", ""))


def _day(held: Runtime, days: int = 0) -> str:
    return f"{day_of(held.now()) + timedelta(days=days):%d.%m.%Y}."


async def play(held: Runtime, hand: Hand) -> None:
    """Every step of the story that writes."""
    await _report(held, hand)
    await _pass_on(held, hand)
    await _lead(held, hand)
    await _assess(held, hand)
    await _ask(held, hand)
    await _plan(held, hand)
    await _talk(held, hand)
    await _team(held, hand)
    await _decide(held, hand)


async def _reported(held: Runtime, hand: Hand, label: str, **said: str) -> str:
    aija = await hand.browser("aija-zarina")
    await aija.get("/reports/new")
    report = aija.hidden("submission")
    await hand.send(aija, "/reports", form(held, code=code_of(held, label)) | said | {"submission": report})
    return f"/reports/{report}"


async def _taken(hand: Hand, person: str, report: str) -> Browser:
    browser = await hand.browser(person)
    await browser.get(report)
    await hand.send(browser, f"{report}/acknowledgement", {})
    await browser.get(report)
    return browser


async def _report(held: Runtime, hand: Hand) -> None:
    report = await _reported(held, hand, "paula")
    dace = await _taken(hand, "dace-ozola", report)
    decided = NEED | {"outcome": "open", "version": dace.hidden("version")}
    await hand.send(dace, f"{report}/decision", decided)


async def _pass_on(held: Runtime, hand: Hand) -> None:
    """Violence is noted by the police; handed over by the head, referred to the court, and closed there."""
    report = await _reported(held, hand, "rihards", kind="violence_other")
    await _taken(hand, "martins-skele", report)
    await _taken(hand, "dace-ozola", report)
    head = await hand.browser("vita-eglite")
    await head.get(report)
    given = {"person": "inese-liepina-1", "version": head.hidden("version")}
    await hand.send(head, f"{report}/handing-over", given)
    inese = await _taken(hand, "inese-liepina", report)
    away = {"outcome": "refer", "reason": "Lemj tiesa.", "to_type": "orphans_court", "to_place": CESIS}
    await hand.send(inese, f"{report}/decision", away | {"version": inese.hidden("version")})
    anda = await _taken(hand, "anda-zagare", report)
    closed = {"outcome": "close", "reason": "Pietiek ar skolas atbalstu.", "version": anda.hidden("version")}
    await hand.send(anda, f"{report}/decision", closed)


async def _lead(held: Runtime, hand: Hand) -> None:
    """A head names who leads, who accepts; the new case manager hands the case back, and that is accepted too."""
    head, dace, inese = [await hand.browser(each) for each in ("vita-eglite", "dace-ozola", "inese-liepina")]
    offer = f"/case-offers/{MARTA}"
    await head.get(f"{AT}/naming")
    named = {"person": "dace-ozola-1", "state": head.hidden("state")}
    await hand.send(head, f"{AT}/case-manager", named)
    await dace.get(offer)
    await hand.send(dace, f"{offer}/answer", {"answer": "accept"})
    await dace.get(f"{AT}/team")
    back = {"person": "inese-liepina-1", "state": dace.hidden("state", f"{AT}/team/lead")}
    await hand.send(dace, f"{AT}/team/lead", back)
    await inese.get(offer)
    await hand.send(inese, f"{offer}/answer", {"answer": "accept"})


async def _assess(held: Runtime, hand: Hand) -> None:
    aija = await hand.browser("aija-zarina")
    await aija.get(f"{AT}/assessments/new/dropout_risk_1")
    await hand.send(aija, f"{AT}/assessments/new", filled(aija))


async def _ask(held: Runtime, hand: Hand) -> None:
    zane, inese = await hand.browser("zane-kaulina"), await hand.browser("inese-liepina")
    await zane.get("/search")
    await zane.post("/search/nation", {"q": code_of(held, "marta")})
    await zane.post("/access-requests/new", {"child": zane.hidden("child", "/access-requests/new")})
    asked = ask_form(held, child=zane.hidden("child"), submission=zane.hidden("submission"))
    await hand.send(zane, "/access-requests", asked)
    row = await held.store.access_requests.find_one({"by.person_id": "zane-kaulina"}) or {}
    await inese.get(f"/access-requests/{row['_id']}")
    granted = {"outcome": "grant", "sections": ["timeline"], "until": _day(held, 5)}
    await hand.send(inese, f"/access-requests/{row['_id']}/decision", granted)


async def _plan(held: Runtime, hand: Hand) -> None:
    inese, ilze = await hand.browser("inese-liepina"), await hand.browser("ilze-kalnina", "family")
    await inese.get(f"{AT}/plan")
    await hand.send(inese, f"{AT}/plan", {})
    await inese.get(f"{AT}/plan/items/new?kind=goal")
    goal = {"kind": "goal", "text": "Marta iet uz volejbolu.", "submission": inese.hidden("submission")}
    await hand.send(inese, f"{AT}/plan/items/new", goal)
    await inese.get(f"{AT}/plan/items/new?kind=task")
    task = {"kind": "task", "text": "Aizved", "doer": "r:inese-liepina-1", "due": _day(held, 5)}
    await hand.send(inese, f"{AT}/plan/items/new", task | {"submission": inese.hidden("submission")})
    await hand.send(inese, f"{AT}/plan/proposal", {"step": ""})
    await ilze.get(f"{AT}/plan")
    proposal = ilze.hidden("proposal")
    await hand.send(ilze, f"{AT}/plan/answer", {"proposal": proposal, "word": "agree"})
    unable = {"proposal": proposal, "person": "andris-kalnins", "word": "unable", "reason": "Nav sasniedzams."}
    await hand.send(inese, f"{AT}/plan/words", unable)
    await hand.send(inese, f"{AT}/plan/in-force", {"proposal": proposal})
    plan = in_force(Dossier.model_validate(await held.store.dossiers.find_one({"_id": MARTA})).plans)
    mine = next(task for task in plan.tasks if task.text == "Aizved") if plan else None
    assert mine
    done = {"state": "done", "result": "Aizvedu", "version": mine.version}
    await hand.send(inese, f"{AT}/plan/tasks/{mine.id}", done)
    meeting = {"meeting_day": _day(held, 3), "meeting_time": "16.20", "place": "Skolā", "version": "0"}
    await hand.send(inese, f"{AT}/plan/meeting", meeting)


async def _talk(held: Runtime, hand: Hand) -> None:
    ilze, inese = await hand.browser("ilze-kalnina", "family"), await hand.browser("inese-liepina")
    head = await hand.browser("vita-eglite")
    await ilze.get(f"{AT}/messages")
    said = {"submission": ilze.hidden("submission"), "text": "Vai var piektdien?"}
    await hand.send(ilze, f"{AT}/messages", said)
    await head.get(f"{AT}/messages")
    asked = {"submission": head.hidden("submission"), "person": "inese-liepina-1", "text": "Kā veicas?"}
    await hand.send(head, f"{AT}/questions", asked)
    question = await held.store.threads.find_one({"kind": "question", "dossier_id": MARTA}, sort=[("begun_at", -1)])
    one = f"{AT}/messages/{(question or {})['_id']}"
    await inese.get(one)
    await hand.send(inese, one, {"submission": inese.hidden("submission", one), "text": "Labi."})
    await head.get(one)
    await hand.send(head, f"{one}/closure", {"version": head.hidden("version")})


async def _team(held: Runtime, hand: Hand) -> None:
    """Somebody joins the team and leaves it; a head hands an absent specialist's cases to a substitute."""
    inese, head = await hand.browser("inese-liepina"), await hand.browser("vita-eglite")
    edgars = await held.store.people.find_one({"_id": "edgars-kalejs"}) or {}
    joins = {"email": edgars["roles"][0]["email"], "function": "Atbalsts policijā", "why": "Palīdz saprast."}
    await inese.get(f"{AT}/team")
    await hand.send(inese, f"{AT}/team", {"person": ""} | joins)
    await hand.send(inese, f"{AT}/team/{edgars['roles'][0]['id']}/leaving", {})
    await head.get("/oversight?staff=inese-liepina-1")
    places = [place for place in PLACE.findall(head.page) if ".lead." not in place]
    assert places
    stands_in = {"staff": "inese-liepina-1", "case": places, "person": "dace-ozola-1", "how": "days"}
    await hand.send(head, "/oversight", stands_in | {"to": _day(held, 5)})


async def _decide(held: Runtime, hand: Hand) -> None:
    anda = await hand.browser("anda-zagare")
    row = await held.store.dossiers.find_one({"_id": TOMASS}) or {}
    father = next(each["id"] for each in row["relationships"] if each.get("person_id") == "gints-grinbergs")
    await anda.get(f"/dossiers/{TOMASS}/decisions/new/custody_renewed")
    written = {
        "kind": "custody_renewed",
        "submission": anda.hidden("submission"),
        "concerned": father,
        "parties": ["ieva-grinberga", "gints-grinbergs"],
        "reasons": "Bāriņtiesa konstatēja, ka iemesli vairs nepastāv.",
        "legal_basis": "Civillikums, 203. pants",
        "in_force_from": _day(held),
    }
    at = await hand.send(anda, f"/dossiers/{TOMASS}/decisions", written)
    await anda.get(f"/dossiers/{TOMASS}/decisions/new/custody_renewed")
    again = written | {"submission": anda.hidden("submission")}
    spare = await hand.send(anda, f"/dossiers/{TOMASS}/decisions", again)
    await anda.get(f"{spare}/discard")
    await hand.send(anda, f"{spare}/discard", {"version": anda.hidden("version")})
    await anda.get(at)
    await hand.send(anda, f"{at}/issue", {"version": anda.hidden("version")})


async def ledger(store: Store) -> dict[str, int]:
    """All that the story leaves behind, counted: rows, what the log says was done, what was told, what stands in it."""
    found: dict[str, int] = {}
    for name in sorted(set(await store.database.list_collection_names()) - PASSING):
        found[name] = await store.database[name].count_documents({})

    found["files kept"] = await store.files.count_documents({"state": "kept"})

    def count(what: str) -> None:
        found[what] = found.get(what, 0) + 1

    async for row in store.audit_entries.find({}, {"act": 1, "subject": 1, "outcome": 1}):
        if not row["act"].endswith(LOOKS) and not row.get("outcome"):
            count(f"log {row['act']}")
    async for row in store.outbox.find({}):
        count(f"outbox {row['kind']} {row.get('content', {}).get('change')} {row.get('to_role') or row.get('to_key')}")
    async for row in store.dossiers.find({"_id": {"$in": [MARTA, TOMASS, PAULA]}}):
        for name, value in row.items():
            if isinstance(value, list):
                found[f"{row['_id']} {name}"] = len(value)
        for plan in row.get("plans", []):
            for part in ("goals", "tasks", "services", "words"):
                found[f"{row['_id']} plan {plan['number']} {plan['state']} {part}"] = len(plan.get(part, []))
    async for row in store.decisions.find({}):
        count(f"decision {row.get('number')} {row['state']}")
    return found
