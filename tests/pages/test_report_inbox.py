"""The queries of the inbox choose exactly the reports that the rule (`side_of`) shows."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from auth.who import Who, who_is
from documents.model import to_bson
from documents.report import Informed, Place, Report, Reporter
from documents.store import Store
from portal.reports.inbox import inbox_of, noted
from portal.reports.rules import Side, side_of
from tests.people import NOW, person, role_of, who

SIDES = {
    "to_decide": {Side.MAY_TAKE, Side.RESPONSIBLE, Side.COLLEAGUE},
    "told": {Side.TOLD, Side.TOLD_READS},
    "led": {Side.HEAD},
}


def in_unit(name: str, unit: str | None) -> Who:
    """That person in a unit, with one more unit below it."""
    found = who_is(person(name, roles=[role_of(name, unit_id=unit)]), f"role-{name}", None, NOW)
    return Who(found.person, found.role, subtree=(unit, f"{unit}-below") if unit else (), may=found.may)


def every_report() -> list[Report]:
    """Reports of all shapes: whose, in which unit, who has or should take it, who was told and took note."""
    places = [None, *(("service", unit) for unit in (None, "u", "u-below", "v")), ("other", None)]
    holders = [(None, None), ("dace", None), ("inese", None), (None, "dace"), (None, "inese")]
    told: list[dict[str, Any] | None] = [None, *({"unit_id": unit} for unit in (None, "u", "v"))]
    told.append({"acknowledged_at": NOW, "acknowledged_by": who("dace").as_professional()})
    made = []
    for place, (named, taken), note, by in product(places, holders, told, ("aija", "inese")):
        if note is not None and place is not None and place[0] == "service":
            continue  # who decides is not told beside it
        if (named or taken) and (place is None or place[0] != "service"):
            continue  # only where it is decided somebody has it
        changes: dict[str, Any] = {"state": "acknowledged" if taken else "received"}
        if place is not None:
            changes["decides"] = Place(institution_id=place[0], name="D", type="social_service", unit_id=place[1])
        for field, name in (("named", named), ("responsible", taken)):
            if name:
                changes[field] = in_unit(name, "u-below").as_professional()
        if note is not None:
            changes["told"] = [Informed(institution_id="service", name="D", type="social_service", **note)]
        reporter = Reporter.model_validate(who(by).as_professional().model_dump())
        made.append(Report(by=reporter, at=NOW, kind="neglect", sealed=b"x", due=NOW + timedelta(hours=2), **changes))
    return made


@pytest.mark.parametrize("unit", [None, "u", "v"])
@pytest.mark.parametrize("name", ["inese", "dace", "olga", "janis"])
async def test_the_inbox_is_what_the_rule_shows(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch, name: str, unit: str | None
) -> None:
    monkeypatch.setattr("portal.reports.inbox.SHOWN", 1000)
    reports = every_report()
    await demo_store.reports.insert_many([to_bson(report) for report in reports])
    asks = in_unit(name, unit)
    found = await inbox_of(demo_store, asks, NOW)
    for group, sides in SIDES.items():
        wanted = {report.id for report in reports if side_of(asks, report) in sides}
        assert {report.id for report in getattr(found, group)} == wanted, group
    assert [noted(asks, r) for r in found.told] == sorted(noted(asks, r) for r in found.told)
    assert not found.cut
    await demo_store.reports.delete_many({})
