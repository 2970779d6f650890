"""Who hears what happens on stage; the same for every form of the engine."""

import logging
from collections.abc import Callable

from live.ports.media_events import MediaEvent, MediaListener

log = logging.getLogger(__name__)


class Listeners:
    """The listeners of one engine, told in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: dict[object, MediaListener] = {}

    def add(self, listener: MediaListener) -> Callable[[], None]:
        """Tell `listener` from now on; returns the way to stop, which may be used twice."""
        key = object()
        self._listeners[key] = listener

        def stop() -> None:
            self._listeners.pop(key, None)

        return stop

    def tell(self, event: MediaEvent) -> None:
        """Tell everyone."""
        for listener in list(self._listeners.values()):
            try:
                listener(event)
            except Exception:
                # A listener's bug must not keep others from hearing.
                log.exception("a listener failed at %s", type(event).__name__)
