"""A head names people of the own subtree: who is responsible, who stands in, who leads the case."""
