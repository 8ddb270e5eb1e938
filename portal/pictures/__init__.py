"""Pictures drawn on the server as SVG: classes only, no style attributes, no script."""
