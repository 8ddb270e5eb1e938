"""Analytics for governance: registered tables, counted inside, released with small counts suppressed."""
