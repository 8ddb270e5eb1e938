"""Working days in Latvia, public holidays and moved days off left out."""

from datetime import date
from functools import cache

import holidays


def after_working_days(day: date, count: int) -> date:
    """Return the working day that is the `count`-th (at least 1) after `day`."""
    return _latvia().get_nth_working_day(day, count)


@cache
def _latvia() -> holidays.HolidayBase:
    return holidays.country_holidays("LV")
