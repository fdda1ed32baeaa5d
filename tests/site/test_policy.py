"""The policy of the pages allows their own scripts and nothing else."""

import base64
import hashlib
from pathlib import Path

from builder import policy

PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><title>t</title>'
    '<script>one()</script><script src="two.js"></script>'
    '<script id="config" type="application/json">{"a": 1}</script></head><body></body></html>'
)


def digest(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def test_inline_scripts_are_named_by_their_hash_and_data_are_not_scripts() -> None:
    assert policy.inline(PAGE) == [digest("one()")]


def test_no_text_becomes_code_and_nobody_else_is_asked() -> None:
    rule = dict(part.split(" ", 1) for part in policy.policy([PAGE]).split("; "))
    assert rule["default-src"] == "'self'"
    assert rule["script-src"].split() == ["'self'", "'wasm-unsafe-eval'", digest("one()")]
    assert not any("http" in value or "*" in value for value in rule.values())


def test_every_page_gets_one_rule_behind_its_encoding(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "a" / "index.html").write_text(PAGE.replace("one()", "other()"))
    rule = policy.impose(tmp_path)
    assert digest("one()") in rule
    assert digest("other()") in rule
    for page in tmp_path.rglob("*.html"):
        start = '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="'
        assert f'{start}{rule}"><title>' in page.read_text()
