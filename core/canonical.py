"""One byte-exact way to write JSON, so that a hash means the same to everybody.

UTF-8, keys sorted, no spaces, no ASCII escapes; numbers of money and score are strings with fixed decimals.
"""

import hashlib
import json
from typing import Any


def canonical_json(document: Any) -> str:
    """Return `document` as canonical JSON text. Raises TypeError for what JSON can't hold."""
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def digest(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
