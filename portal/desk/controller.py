"""My desk (Mani darbi)."""

from dataclasses import replace
from datetime import date
from typing import Any

from litestar import Controller, Response, get

from auth.permissions import Permission
from auth.policy import KNOWN_BY_NAME, way_of
from auth.who import FAMILY_RELATIONS
from documents.classifiers import classifiers
from documents.model import day_of
from portal.access_requests.inbox import waiting_for
from portal.desk.actions import DeskChild, my_desk
from portal.formats import age_text
from portal.forms import page_number
from portal.notices.actions import NEWEST, newest_notices
from portal.notices.view import notice_rows
from portal.page import Request, page
from portal.plans.tasks import my_tasks
from portal.reports.inbox import waiting_reports
from portal.runtime import runtime
from portal.translations import language

NOTICES_SHOWN = 5
TASKS_SHOWN = 5


class DeskController(Controller):
    """`/desk`."""

    @get("/desk", name="desk", opt={"permission": Permission.DESK_READ})
    async def desk(self, request: Request) -> Response[Any]:
        """The children I work for and what others did since I last looked."""
        held, who, now = runtime(request), request.scope["state"]["who"], request.scope["state"]["now"]
        if not who.relations:
            return page(request, "desk/no_children.html", level=who.level)
        tasks = [] if who.in_family_role else await my_tasks(held.store, who, now, record=False)
        notices = await newest_notices(held.store, who, NOTICES_SHOWN)
        number = page_number(request.query_params.get("page", ""))
        desk = await my_desk(held.store, who, now, number, about=notices.about, tasks=bool(tasks))
        template = "desk/family.html" if who.in_family_role else "desk/desk.html"
        waiting = await waiting_for(held.store, who, now)
        reports = await waiting_reports(held.store, who, now)
        return page(
            request,
            template,
            children=[_row(child, day_of(now)) for child in desk.children],
            children_count=desk.count,
            full=desk.full,
            number=desk.page,
            more=desk.more,
            level=who.level,
            waiting=waiting.count,
            overdue=waiting.overdue(now),
            tasks=tasks[:TASKS_SHOWN],
            tasks_count=len(tasks),
            tasks_late=sum(bool(each.task.late) for each in tasks),
            notices=notice_rows(replace(notices, children=desk.named), who, now, on_desk=True),
            unread=notices.unread_count,
            many=notices.unread_count == NEWEST,
            reports=reports.count,
            reports_late=reports.late,
        )


def _row(child: DeskChild, today: date) -> dict[str, Any]:
    line, known = child.line, classifiers()
    news = [
        {
            "what": _what(change.kind, change.confidentiality),
            "change": change.change,
            "at": change.at,
            "domain": change.domain,
            "event_id": change.event_id,
        }
        for change in child.news
    ]
    named = child.relation in (*KNOWN_BY_NAME, *FAMILY_RELATIONS)  # heads see dates and who is responsible, no names
    return {
        "id": line.id,
        "name": line.child.name if named else line.child.initials,
        "given_name": line.child.given_name,
        "initials": line.child.initials,
        "age": age_text(line.child.birth_date, today) if named else str(line.child.birth_date.year),
        "level": line.level,
        "manager": "" if child.relation == "case_manager" else line.case_manager.get("name", ""),
        "manager_contact": None if line.child.protected else line.case_manager,
        "relation": known.relations[way_of(child.relation)].label(language()),
        "looked": child.looked,
        "news": news,
        "news_count": child.news_count,
    }


def _what(kind: str, confidentiality: str) -> str:
    """The kind of a change; of a sensitive one only that it is one: the desk may be seen by passers-by."""
    return "" if confidentiality == "sensitive" else classifiers().event_kinds[kind].label(language())
