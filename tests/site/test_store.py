"""Rendered lessons on disk: what is kept is what was rendered, and a changed lesson runs again."""

from pathlib import Path

from builder.store import render_all

LESSON = "# ---\n# title: T\n# description: D\n# ---\n# %%\n" \
    "import sys\nprint('oops', file=sys.stderr)\n2 + 3\n"  # fmt: skip


def test_what_is_kept_is_what_was_rendered(tmp_path: Path) -> None:
    lesson, said = tmp_path / "loud.py", []
    lesson.write_text(LESSON, encoding="utf-8")
    first, second = (
        render_all([lesson], cache=tmp_path / "kept", say=said.append)["loud"] for _ in range(2)
    )
    assert any("lesson loud: unchanged" in line for line in said)
    assert first == second
    assert first.messages == second.messages == "oops\n"  # equality leaves the messages out

    lesson.write_text(LESSON.replace("2 + 3", "4 + 5"), encoding="utf-8")
    changed = render_all([lesson], cache=tmp_path / "kept", say=said.append)["loud"]
    assert "9" in changed.markdown
    assert changed != first
