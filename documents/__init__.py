"""The document store: what is remembered about a child, and how it is kept safe."""
