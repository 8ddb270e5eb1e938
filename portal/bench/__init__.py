"""`atbalsts bench`: how the product does against the leanest correct way to the same bytes, in one run."""
