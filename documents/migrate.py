"""Runs the migrations (Beanie's, forward and back) and tells whether the database is up to date."""

from pathlib import Path
from typing import Any

from beanie.migrations.database import DBHandler
from beanie.migrations.models import RunningDirections, RunningMode
from beanie.migrations.runner import MigrationNode
from pymongo.asynchronous.database import AsyncDatabase

FOLDER = Path(__file__).parent / "migrations"


async def migrate(uri: str, database: str, *, back: int = 0) -> None:
    """Bring the database to the newest form, or `back` so many steps."""
    DBHandler.set_db(uri, database)  # type: ignore[no-untyped-call]
    try:
        root = await MigrationNode.build(FOLDER)
        direction = RunningDirections.BACKWARD if back else RunningDirections.FORWARD
        await root.run(
            RunningMode(direction=direction, distance=back), allow_index_dropping=False, use_transaction=False
        )
    finally:
        await DBHandler.get_cli().close()  # type: ignore[no-untyped-call]


async def is_current(database: AsyncDatabase[dict[str, Any]]) -> bool:
    """Whether the newest migration has run here."""
    newest = sorted(path.stem for path in FOLDER.glob("2*.py"))[-1]
    return await database["migrations_log"].find_one({"name": newest + ".py", "is_current": True}) is not None
