"""Notices (paziņojumi): one plain sentence to a person that something happened, and where to act.

Whoever changes something calls `tell` in the same transaction; what each kind says stands in `kinds`.
"""

from portal.notices.telling import tell as tell
