"""How the benchmarks take time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def best(call: Callable[[], object], times: int) -> float:
    """Return the shortest of several runs, in seconds."""
    found = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)
