"""Decisions as sealed PDF: as issuing makes them, against bare reportlab and pyHanko for the very same pages."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from litestar import Litestar, Response, get
from litestar.params import FromPath

from auth.permissions import Permission
from documents.classifiers import classifiers
from documents.decision import DRAFT, CourtDecision, Party, new_code
from documents.dossier import Dossier
from documents.model import day_of
from documents.store import Store
from portal.app import create_app
from portal.bench.bare_paper import bare_paper, bare_sealer
from portal.bench.client import Call, burst
from portal.bench.pages import BUDGET, Pace, by_turns, free_port, ratio_of
from portal.bench.report import Line, judged
from portal.bench.samples import Samples
from portal.bench.serving import Worker, worker
from portal.decisions.document import document
from portal.decisions.effects import Named
from portal.decisions.letter import Letter, letter_of
from portal.health import healthz
from portal.pdf.making import made_aside
from portal.runtime import Runtime

CASES, ENTRIES = 20, 40  # decisions; entries of the life each of them retells
READERS = 8  # who want a decision sealed at the same moment
PATH = "/bench/decision"


@dataclass(frozen=True)
class Case:
    """A contact order about a child of the nation, as it stands before it is issued; it is written nowhere."""

    dossier: Dossier
    decision: CourtDecision
    words: tuple[str, str]
    code: str
    address: str

    def letter(self) -> Letter:
        """The letter, as the paper says it."""
        by = self.decision.by.name
        return letter_of(self.dossier, self.decision, Named(), self.words, "17/2026", self.decision.in_force_from, by)


async def cases(held: Runtime, now: datetime) -> list[Case]:
    """Return the decisions to seal, the same ones for every worker but for their random codes."""
    rows = held.store.dossiers.find({"opened": {"$ne": None}}).sort("_id", 1).limit(CASES)
    return [_case(held, Dossier.model_validate(row), day_of(now), now) async for row in rows]


def _case(held: Runtime, dossier: Dossier, today: date, now: datetime) -> Case:
    mother, court, code = dossier.relationships[0], dossier.involvements[0], new_code()
    kind = classifiers().decision_kinds["contact_order"]
    assert dossier.case_manager is not None
    decision = CourtDecision(
        dossier_id=dossier.id,
        court_id=court.institution_id,
        court_name=court.institution_name,
        initials=dossier.child.initials,
        birth_year=dossier.child.birth_date.year,
        kind=kind.code,
        state=DRAFT,
        by=dossier.case_manager,
        at=now,
        concerned=[mother.id],
        contact="arranged",
        until=today + timedelta(days=365),
        heard=True,
        parties=[Party(person_id=mother.person_id or "", name=mother.name, kind=mother.kind)],
        legal_basis=kind.legal_basis,
        in_force_from=today,
        sealed=b"",
    )
    found = "\n".join(f"{event.day:%d.%m.%Y}. {event.summary}" for event in dossier.events[-ENTRIES:])
    return Case(dossier, decision, (found, "Trešdienās no plkst. 16 līdz 19."), code, _address(held, code))


def _address(held: Runtime, code: str) -> str:
    return f"{held.settings.public_url}/verify/{code}"


async def sealing_app(held: Runtime) -> Litestar:
    """Return the portal with one more address: it makes a decision's sealed paper as issuing does."""
    made, seal = await cases(held, held.now()), held.seal
    assert seal is not None

    def paper(case: Case) -> bytes:
        return seal.seal(document(case.letter(), case.code, case.address))

    @get(f"{PATH}/{{number:int}}", opt={"permission": Permission.PUBLIC})
    async def sealed(number: FromPath[int]) -> Response[bytes]:
        return Response(await made_aside(paper, made[number % len(made)]), media_type="application/pdf")

    return create_app(held, more_routes=(sealed,))


async def bare_app(held: Runtime) -> Litestar:
    """Return the floor: the same pages by reportlab, sealed by pyHanko with a signer made once."""
    made = [bare_paper(case.letter(), case.code, case.address) for case in await cases(held, held.now())]
    assert held.seal is not None
    seal = bare_sealer(held.seal)

    @get(f"{PATH}/{{number:int}}")
    async def bare(number: FromPath[int]) -> Response[bytes]:
        return Response(await seal(made[number % len(made)]()), media_type="application/pdf")

    return Litestar([bare, healthz], openapi_config=None, logging_config=None)


async def measure_papers(store: Store, data: Path, samples: Samples, pace: Pace) -> list[Line]:
    """Return what a sealed decision costs against the floor, and what a worker holds that shows pages and seals."""
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(worker("sealing", data, free_port()))
        floor = await stack.enter_async_context(worker("bare", data, free_port()))
        await burst(ours.port, samples.calls["overview"], min(1.0, pace.seconds))
        calls = [Call("GET", f"{PATH}/{number}") for number in range(CASES)]
        return await _lines(store, ours, floor, calls, pace)


async def _lines(store: Store, ours: Worker, floor: Worker, calls: Sequence[Call], pace: Pace) -> list[Line]:
    measured = await by_turns(store, {ours: calls, floor: calls}, pace, readers=READERS)
    mine, bare = measured[ours], measured[floor]
    size = mine.bursts[0].bytes / max(1, mine.bursts[0].answers) / 1000
    notes = f"{mine.rate:.1f} / {bare.rate:.1f} papers/s, CPU {mine.cpu_ms:.0f} / {bare.cpu_ms:.0f} ms, {size:.0f} kB"
    if mine.failures or bare.failures:
        notes += f"; FAILED ours {mine.failures} floor {bare.failures}"
    return [
        judged("decision as sealed PDF", ratio_of(mine, bare), BUDGET, "×", notes),
        judged("memory of a worker that seals", ours.megabytes, 200, " MB", f"{READERS} decisions at a time"),
    ]
