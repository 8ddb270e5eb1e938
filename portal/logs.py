"""Logs as JSON lines: what happened, never to whom. No names, codes, addresses or narrative."""

import logging
import sys

import structlog


def set_up_logs(level: str) -> None:
    """Write events of this level and above to standard error, one JSON object a line."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
