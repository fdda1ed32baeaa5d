"""The rule that every page gives the browser: run this site's own code, ask nobody else.

Content Security Policy, level 3 (https://www.w3.org/TR/CSP3/). The theme's few inline scripts are
allowed by their hashes; nothing may evaluate text as code, but WebAssembly may be compiled.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_CHARSET = re.compile(r'<meta charset="?utf-8"?\s*/?>', re.IGNORECASE)


def policy(pages: Iterable[str]) -> str:
    """Return the policy under which all these pages work."""
    hashes = sorted({digest for page in pages for digest in inline(page)})
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *hashes)),
            "style-src 'self' 'unsafe-inline'",  # positions of what is drawn
            "img-src 'self' data: blob:",
            "font-src 'self' data:",  # letters come inside the style sheet
            "base-uri 'self'",
            "form-action 'none'",
        )
    )


def inline(page: str) -> list[str]:
    """Return the hash of each script that stands in a page, as a policy names it."""
    codes = [
        match["code"]
        for match in _SCRIPT.finditer(page)
        if " src=" not in match["attributes"] and "application/json" not in match["attributes"]
    ]
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
        for code in codes
    ]


def impose(site: Path) -> str:
    """Write one policy into every page of a built site, and return it.

    It is one for all pages: whoever has read it knows what the site allows.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    rule = policy(texts.values())
    tag = f'<meta http-equiv="Content-Security-Policy" content="{escape(rule, quote=False)}">'
    for path, text in texts.items():  # behind the encoding, before anything that it rules
        path.write_text(_CHARSET.sub(lambda head: head[0] + tag, text, count=1), encoding="utf-8")
    return rule
