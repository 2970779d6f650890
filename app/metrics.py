"""What is counted for Prometheus, in a registry of this application's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from live.ports.media_figures import MediaHealth, ProcessHealth

Gauges = Callable[[], dict[str, tuple[str, float]]]


class Metrics:
    """Requests as they happen; everything else is asked for when someone looks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "causerie_http_requests",
            "HTTP requests answered.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self._durations = Histogram(
            "causerie_http_request_seconds",
            "Time until an HTTP request was answered.",
            ("method", "path"),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )

    def request(self, method: str, path: str, status: int, took_s: float) -> None:
        """Count one answered request; ``path`` is its template."""
        self._requests.labels(method, path, str(status)).inc()
        self._durations.labels(method, path).observe(took_s)

    def watch(self, gauges: Gauges) -> None:
        """Ask ``gauges`` for values whenever someone looks: name → (help, value)."""
        self.registry.register(_Asked(gauges))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class _Asked(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, (help_text, value) in self._gauges().items():
            yield GaugeMetricFamily(name, help_text, value=value)


def media_lines(health: MediaHealth) -> bytes:
    """The media engine's own figures, asked for over its process boundary."""
    values = {
        "causerie_media_up": ("Whether the media process answers.", int(health.ok)),
        "causerie_media_publishers": ("Publishers connected.", health.publishers),
        "causerie_media_viewers": ("Viewers receiving.", health.viewers),
        "causerie_media_restarts": ("Times a media process was started again.", health.restarts),
        "causerie_media_egress_bits_per_second": ("What is sent to viewers.", health.egress_bps),
    }
    lines = [
        f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {value}\n"
        for name, (text, value) in values.items()
    ]
    figures: dict[str, tuple[str, Callable[[ProcessHealth], int]]] = {
        "up": ("Whether this media process answers.", lambda each: int(each.ok)),
        "viewers": ("Viewers of this media process.", lambda each: each.viewers),
        "egress_bits_per_second": ("What it sends to them.", lambda each: each.egress_bps),
    }
    for figure, (text, of) in figures.items():
        name = f"causerie_media_process_{figure}"
        lines.append(f"# HELP {name} {text}\n# TYPE {name} gauge\n")
        lines += [
            f'{name}{{process="{index}"}} {of(each)}\n'
            for index, each in enumerate(health.processes)
        ]
    return "".join(lines).encode()


def media_line(health: MediaHealth) -> str:
    """What ``/readyz`` says of the media engine, which is ready while one of its processes is."""
    if not health.ok:
        return f"media failed: {health.trouble or 'its process does not answer'}"
    up = sum(each.ok for each in health.processes)
    if up == len(health.processes):
        return "media ok"
    return f"media ok, with {up} of {len(health.processes)} processes"
