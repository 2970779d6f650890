"""Logs: structured lines on standard error, JSON where nobody is looking at a terminal.

Fields carry what happened (``session``, ``seq``, ``status``, ``ms``); never what anyone wrote and
never a token. What libraries log through ``logging`` passes through the same renderer.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.types import EventDict, Processor, WrappedLogger


def configure(*, level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_colour_twin,
    ]
    terminal = sys.stderr.isatty()
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    if terminal:
        # Someone is looking, for the links perhaps: what went well need not be told.
        logging.getLogger("causerie.http").setLevel(logging.WARNING)
    for noisy in ("uvicorn.error", "alembic", "aiortc", "aioice", "sqlalchemy", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_tells_something)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _tells_something(record: logging.LogRecord) -> bool:
    """False for uvicorn's error that, when the time to drain was over, nothing had to be ended:
    clients that do not answer a close are expected, and are cut."""
    return not (str(record.msg).startswith("Cancel ") and record.args == (0,))


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _without_colour_twin(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Drop the second copy of a line that uvicorn adds, with escape sequences."""
    event.pop("color_message", None)
    return event
