"""The MkDocs hook: lessons become pages of the site. Everything it does is done elsewhere."""

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from builder import (
    answers,
    assets,
    course,
    fonts,
    freshness,
    links,
    markup,
    maths,
    navigation,
    notebooks,
    policy,
    prose,
    slips,
    typed,
)
from builder.lesson import LessonError, Meta, read_meta
from builder.render import Rendered
from builder.shown import HERE
from builder.source import source_of
from builder.store import in_its_place, render_all
from vitexplain.experiments.fetched import VARIABLE
from vitexplain.extras import install

_metas: dict[str, Meta] = {}
_rendered: dict[str, Rendered] = {}
_serving = False


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent


def _lessons(config: MkDocsConfig) -> list[Path]:
    only = os.environ.get("VITEXPLAIN_ONLY")
    folder = Path(config.extra.get("explainers") or _root(config) / "explainers")
    return sorted(p for p in folder.glob("*.py") if not only or p.stem == only)


def _say(text: str) -> None:
    print(text + "\n", end="", flush=True)  # in one piece: two lessons speak at a time


def on_startup(command: str, dirty: bool) -> None:
    """Remember whether this is `mkdocs serve`, which adds a script of its own to each page."""
    global _serving
    _serving = command == "serve"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the headers of the lessons, put them in the navigation; name the fonts to wait for."""
    _metas.clear()
    os.environ.setdefault(VARIABLE, str(_root(config) / freshness.MODELS))  # lessons ask for them
    config.extra["letters"] = ",".join(fonts.FAMILIES)
    config.edit_uri = source_of(config.extra).edit("docs")
    try:
        for path in _lessons(config):
            _metas[path.stem] = read_meta(path.read_text(encoding="utf-8"), name=path.stem)
        config.nav = navigation.fill(config.nav or [], _metas)
    except LessonError as error:
        raise PluginError(str(error)) from error
    return config


@event_priority(100)  # before mkdocs-jupyter looks for notebooks
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Run the lessons and add their pages, data and notebooks, and what the browser needs."""
    cache = _root(config) / ".cache"
    _rendered.clear()
    _report("what is written is not what would be read", _faults(files), strict=config.strict)
    _report("a number is typed", [*typed.faults_of_facts()], strict=config.strict)
    try:
        paths = _lessons(config)
        failed = _show_failure if _serving else None
        _rendered.update(render_all(paths, cache=cache / "lessons", say=_say, failed=failed))
        for path in paths:
            for file in _lesson_files(path, _rendered[path.stem], cache, config):
                files.append(file)
        if "index.md" not in files.src_uris:
            contents = navigation.contents(_metas)
            files.append(File.generated(config, "index.md", content=contents))
        for file in list(files):
            if assets.unused(file.src_uri):
                files.remove(file)
            elif assets.is_rewritten(file.src_uri):
                files.remove(file)
                text = assets.rewrite(_root(config), file.src_uri, file.content_string)
                files.append(File.generated(config, file.src_uri, content=text))
        for uri, content in {**assets.collect(_root(config), cache), **assets.models()}.items():
            if isinstance(content, Path):
                files.append(File.generated(config, uri, abs_src_path=str(content)))
            else:
                files.append(File.generated(config, uri, content=content))
    except (LessonError, assets.AssetError) as error:
        raise PluginError(str(error)) from error
    return files


def _show_failure(path: Path, error: LessonError) -> Rendered:
    _say(f"{error}\n\nThe page shows this until the lesson is mended.")
    return in_its_place(path, error)


def _faults(files: Files) -> list[str]:
    return [
        f"{file.abs_src_path}: {fault}"
        for file in files.documentation_pages()
        for fault in slips.page_faults(file.content_string)
    ]


def _report(what: str, problems: list[str], *, strict: bool) -> None:
    if problems:
        text = f"{what}:\n  " + "\n  ".join(problems)
        if strict:
            raise PluginError(text)
        _say(text)


def _lesson_files(path: Path, rendered: Rendered, cache: Path, config: MkDocsConfig) -> list[File]:
    meta, name = rendered.meta, path.stem
    page: Any = File.generated(config, meta.page, content=navigation.front_matter(name, rendered))
    page.edit_uri = f"../{path.parent.name}/{path.name}"
    made = [page]
    for uri, content in rendered.assets.items():
        made.append(File.generated(config, uri, content=content))
    if meta.notebook:
        here = source_of(config.extra)
        file = here.own(notebooks.for_download(rendered, config.site_url or "", here.url))
        made.append(File.generated(config, f"notebooks/{name}.ipynb", content=file))
        uri = f"notebooks/{name}/index.ipynb"
        notebooks.write(notebooks.for_view(rendered, name), cache / uri)
        # Not `generated`: mkdocs-jupyter wants a file on disk.
        made.append(File(uri, str(cache), config.site_dir, config.use_directory_urls))
    return made


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Give a page its weight in the search, and say what it needs or which lesson it shows."""
    if page.edit_url:
        page.edit_url = page.edit_url.replace("/docs/../", "/")
    if name := notebooks.view_of(page.file.src_uri):
        page.meta.update(notebooks.view_meta(name, _metas[name]))
    if page.is_homepage or name:
        page.edit_url = None
    if page.file.src_uri == answers.PAGE:
        markdown += answers.of(_rendered)
    if page.file.src_uri == course.PAGE:
        try:
            markdown += course.of(_rendered)
        except LessonError as error:
            raise PluginError(str(error)) from error
    lesson = _metas.get(page.meta.get("lesson", ""))
    boost = navigation.search_boost(page.file.src_uri, lesson.section if lesson else "")
    page.meta.setdefault("search", {"boost": boost})
    if extra := page.meta.get("extra"):
        command = install(extra, source=config.extra["source"])
        needs = f"\n\nNeeds the extra `[{extra}]`: `{command}`"
        markdown = re.sub(r"(?m)^# .+$", lambda title: title[0] + needs, markdown, count=1)
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make the addresses of data files relative, add the notebook bar."""
    where, here = page.file.src_uri, source_of(config.extra)
    if notebooks.view_of(where):
        html = notebooks.show(page, html, config, files)
    html = here.own(html)
    if where.startswith("api/"):
        html = markup.source_links(html, here)
    html = markup.plain_code(markup.scrolling_tables(html))
    name = page.meta.get("lesson")
    if name:
        links.figures_kept(where, html, _rendered[name].assets)
    if name and where != "index.md":  # the home page starts with the face, not with its source
        html = notebooks.with_bar(html, name, _metas[name], page, here)
    page.meta["explorer"] = "<attention-explorer" in html
    page.meta["live"] = "<live-" in html

    def relative(match: re.Match[str]) -> str:
        path, mark, place = match[1].partition("#")
        if (file := files.get_file_from_path(path)) is None:
            raise PluginError(f"{where}: the file {path!r} of a figure does not exist")
        return f'="{get_relative_url(file.url, page.url)}{mark}{place}"'

    return re.sub(rf'="{HERE}([^"]+)"', relative, html)


def on_env(env: Any, config: MkDocsConfig, files: Files) -> Any:
    """Typeset the formulas of all pages; a page with some asks for their style."""
    pages = {f.src_uri: f.page for f in files.documentation_pages() if f.page}
    before = {uri: page.content or "" for uri, page in pages.items()}
    try:
        after = maths.typeset(before, _root(config) / "web")
    except maths.MathsError as error:
        raise PluginError(str(error)) from error
    for uri, page in pages.items():
        page.content, page.meta["maths"] = after[uri], after[uri] != before[uri]
    return env


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Leave out what this theme does not use."""
    return markup.slim(output)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Do the same for the page of errors, which is no page to MkDocs."""
    return markup.slim(output) if template_name.endswith(".html") else output


def on_post_build(config: MkDocsConfig) -> None:
    """Check every address on every built page."""
    fonts.trim_site(Path(config.site_dir), cache=_root(config) / ".cache" / "fonts")
    if not _serving:
        policy.impose(Path(config.site_dir))
    site = Path(config.site_dir)
    problems = links.dead_links(site) + prose.problems(site)
    _report("dead links or broken prose in the built site", problems, strict=config.strict)
    _say(f"site: {len(_metas)} lessons in {config.site_dir}")


def on_serve(server: Any, config: MkDocsConfig, builder: Any) -> Any:
    """Rebuild when a lesson, the package or the browser's part changes."""
    lessons = {str(path.parent) for path in _lessons(config)}
    for folder in (*lessons, "builder", "explainers", "src", "overrides"):
        path = Path(folder) if Path(folder).is_absolute() else _root(config) / folder
        if path.exists():
            server.watch(str(path))
    return server
