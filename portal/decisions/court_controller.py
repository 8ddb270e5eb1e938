"""The orphan's court's list: its matters about children, each with its decisions."""

from typing import Any

from litestar import Controller, Response, get

from auth.access import entry_for
from auth.permissions import Permission, Section
from auth.policy import AT_WORK, KNOWN_BY_NAME, reach, relations_to
from documents.acts import Act
from documents.decision import decisions_about
from documents.model import day_of
from documents.reading import dossier_lines
from portal.decisions.view import line_of
from portal.forms import page_number
from portal.page import Request, page
from portal.runtime import runtime

PAGE = 40


class CourtController(Controller):
    """`/decisions`."""

    @get("/decisions", name="court_decisions", opt={"permission": Permission.DECISIONS_LIST})
    async def matters(self, request: Request) -> Response[Any]:
        """A page of the children the person decides about; a head sees dates and states of those of the court.

        A number behind the last page shows the last one.
        """
        store, state = runtime(request).store, request.scope["state"]
        who, now = state["who"], state["now"]
        own = {"$elemMatch": {"kind": "orphans_court_matter", "institution_id": who.institution_id}}
        query = reach(who, now, (*AT_WORK, "supervises")) | {"involvements": own}
        last = max(1, -(-await store.dossiers.count_documents(query) // PAGE))
        number = min(page_number(request.query_params.get("page", "")), last)
        lines = await dossier_lines(store, query, PAGE, skip=(number - 1) * PAGE)
        found = await decisions_about(store, [line.id for line in lines])
        children = [line.id for line in lines]
        shown = [Section.EXISTENCE.value, *([Section.DECISIONS.value] if found else [])]
        await store.audit.record(
            entry_for(who, Act.DECISIONS_LISTED, now, count=len(lines), children=children, sections=shown)
        )
        rows = []
        for line in lines:
            relations = relations_to(who, line.readers, now)
            named, works = bool(set(KNOWN_BY_NAME) & set(relations)), set(relations) != {"supervises"}
            decisions = [
                line_of(each, day_of(now), reads=works, mine=works)
                for each in found
                if each.dossier_id == line.id and each.court_id == who.institution_id and (works or each.issued)
            ]
            rows.append({"id": line.id, "child": line.child, "named": named, "decisions": decisions, "works": works})
        return page(request, "decisions/court.html", rows=rows, head=who.level == 3, number=number, more=number < last)
