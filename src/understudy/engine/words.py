"""Sizes and durations as people read them."""


def size_text(size_bytes: int) -> str:
    """`0 B`, `512 B`, `1.5 KB`, `212 MB`: powers of 1000, as the services count."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("KB", "MB", "GB", "TB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"
    return f"{size:.0f} TB"


def duration_text(seconds: float) -> str:
    """`0.5s`, `45s`, `10m`, `1h 30m`."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{value}{unit}" for value, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if value]
    return " ".join(parts[:2]) or "0s"
