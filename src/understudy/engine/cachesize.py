"""How large a cache may be, where its service has a bound: compressed, as services store them."""

import zlib

from understudy.engine.turn import Turn
from understudy.engine.words import size_text
from understudy.model.pipeline import Bound
from understudy.store.base import Blobs, Digest

_PIECE_BYTES = 1 << 20
_FASTEST = 1


def too_large(turn: Turn, key: str, blob: tuple[Digest, int], most: Bound) -> bool:
    """Whether the service wouldn't keep the cache in `blob` (digest and bytes); that is told, and what its rule is.

    https://support.atlassian.com/bitbucket-cloud/docs/cache-dependencies/
    """
    digest, size_bytes = blob
    if size_bytes <= most.size_bytes or not _exceeds(turn.given.blobs, digest, most.size_bytes):
        return False
    message = f"the cache `{turn.secrets.hide_text(key)}` was not saved: the service keeps none above "
    message += size_text(most.size_bytes)
    turn.log.line(f"{message[0].upper()}{message[1:]}, compressed.")
    turn.remark("warning", "cache-too-large", message, most.rule)
    return True


def _exceeds(blobs: Blobs, digest: Digest, bound: int) -> bool:
    """Whether the blob is larger than `bound` even when it is compressed."""
    packer, size = zlib.compressobj(_FASTEST), 0
    with blobs.open(digest) as stored:
        while size <= bound and (data := stored.read(_PIECE_BYTES)):
            size += len(packer.compress(data))
    return size + len(packer.flush()) > bound
