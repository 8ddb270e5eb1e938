"""The web application: what people do."""
