"""How fast a model answers: one image at a time, and in a batch. Fails beyond the bound."""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from digits import data, model

WARM_UP = 20


def single(trained: model.Model, images: np.ndarray, rounds: int) -> list[float]:
    """Milliseconds of each of `rounds` predictions of one image."""
    times = []
    for turn in range(-WARM_UP, rounds):
        row = turn % len(images)
        started = time.perf_counter_ns()
        trained.predict(images[row : row + 1])
        if turn >= 0:
            times.append((time.perf_counter_ns() - started) / 1e6)
    return times


def batch(trained: model.Model, images: np.ndarray) -> float:
    """Images a second when all come at once: the best of three, for the machine has other users."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        trained.predict(images)
        times.append(time.perf_counter() - started)
    return len(images) / min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("model"))
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--limit-ms", type=float, default=50.0, help="bound of the p95")
    parser.add_argument("--output", type=Path, default=Path("reports/latency.json"))
    options = parser.parse_args()

    trained = model.load(options.model)
    images = data.load().images
    times = single(trained, images, options.rounds)
    centiles = statistics.quantiles(times, n=100)
    result = {
        "rounds": options.rounds,
        "p50_ms": round(centiles[49], 4),
        "p95_ms": round(centiles[94], 4),
        "limit_ms": options.limit_ms,
        "batch_images_per_s": round(batch(trained, images)),
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result))
    if result["p95_ms"] > options.limit_ms:
        print(f"p95 is {result['p95_ms']} ms, the bound is {options.limit_ms} ms", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
