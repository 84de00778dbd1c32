"""One transport for every service that is reached over HTTP; only this package knows httpx."""

from __future__ import annotations

import sys

# httpx loads its own command line, with click and rich, wherever those two are installed: 29 ms
# that no request needs (encode/httpx#3547). It does without when this module cannot be had.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None: not to be imported
