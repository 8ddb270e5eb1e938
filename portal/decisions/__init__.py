"""Decisions of the orphan's court (bāriņtiesas lēmumi): drafted, issued with their effects, verified by anybody."""
