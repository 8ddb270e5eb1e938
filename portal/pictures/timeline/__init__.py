"""The life course as a picture: years across, the five domains down, what is planned behind today's line.

Readable with 5, 50 and 500 events: the more there are, the fewer carry a label, and what no longer fits a
domain's rows is counted by month. The list of events beside the picture is its equal for readers without sight.
"""

from portal.pictures.timeline.axis import Axis
from portal.pictures.timeline.draw import timeline
from portal.pictures.timeline.marks import LevelSince, Mark, Shape
from portal.pictures.timeline.matrix import YearRow, year_matrix

__all__ = ["Axis", "LevelSince", "Mark", "Shape", "YearRow", "timeline", "year_matrix"]
