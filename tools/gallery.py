"""Pictures of reports as GitHub would show them, light and dark: build/gallery/*.png.

Reports of real runs: each scenario of the sandbox is run by its entry point (`make try`), and the
comment that it posted is the picture's text. The golden reports show what no scenario does.

Markdown is rendered by comrak with GitHub's extensions, cleaned by nh3, dressed in GitHub's own
style sheet, its diagrams are drawn by Mermaid, and headless Chromium takes the picture. A picture
proves how it looks, not that it is safe: the allow-list here is not GitHub's.

    python tools/gallery.py                  all golden reports
    python tools/gallery.py NAME ...         these (`gate/waiting` where a name is not enough);
                                             `try/NAME` is a scenario of the sandbox, whose comment is
                                             shown, or its job summary where it posts none
    python tools/gallery.py --base COMMIT    those that differ from that commit, before and after
    python tools/gallery.py --docs           those that the README shows, into docs/images

Needs `chromium` and `npm` (Debian: apt-get install chromium npm fonts-noto-color-emoji
fonts-noto-cjk fonts-dejavu fonts-liberation; without these fonts, signs and letters are missing). The rest is fetched into build/gallery/tools once.
"""

from __future__ import annotations

import argparse
import html
import re
import shutil
import subprocess
import sys
import venv
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
OUT = ROOT / "build" / "gallery"
TOOLS = OUT / "tools"
DOCS = ROOT / "docs" / "images"
MOVING = "try/replaces-database"
"""The preview that docs/moving.md shows beside the comment of pulumi/actions."""
DOCS_PICTURES = {
    "failed-update-light.png": ("try/failed-update", "light"),
    "preview-dark.png": ("try/replaces-database", "dark"),
    "matrix-light.png": ("try/collect", "light"),
    "moving-light.png": (MOVING, "light"),
}
OPENED = "try/replaces-database"
"""The picture in which the first changes are unfolded, so that their values are seen."""

WIDTH = 920
TALLEST = 3_600
THEMES = {
    "light": {"page": "#ffffff", "text": "#1f2328", "line": "#d1d9e0", "head": "#f6f8fa", "mermaid": "default",
        "add": "#116329", "add_back": "#dafbe1", "gone": "#82071e", "gone_back": "#ffebe9", "changed": "#953800", "changed_back": "#ffd8b5"},
    "dark": {"page": "#0d1117", "text": "#f0f6fc", "line": "#3d444d", "head": "#151b23", "mermaid": "dark",
        "add": "#aff5b4", "add_back": "#033a16", "gone": "#ffdcd7", "gone_back": "#67060c", "changed": "#ffdfb6", "changed_back": "#5a1e02"},
}  # fmt: skip
PYTHON_PACKAGES = ("comrak==0.0.16", "nh3==0.3.8")
NODE_PACKAGES = ("github-markdown-css@5.9.0", "mermaid@11.17.2")

# Run by the tools' own Python: Markdown on stdin, a clean HTML fragment on stdout.
TO_HTML = """
import sys
import comrak, nh3
extensions, parsing, rendering = comrak.ExtensionOptions(), comrak.ParseOptions(), comrak.RenderOptions()
for name in ("strikethrough", "table", "autolink", "tasklist", "footnotes", "alerts", "tagfilter", "shortcodes"):
    setattr(extensions, name, True)
for name in ("unsafe_", "github_pre_lang", "hardbreaks"):
    setattr(rendering, name, True)
convert = getattr(comrak, "render_markdown", None) or comrak.markdown_to_html
tags = set(nh3.ALLOWED_TAGS) | {"details", "summary", "input", "section"}
attributes = {"*": {"class", "align", "open", "lang", "type", "checked", "disabled"}, "a": {"href"}, "img": {"src"}, "ol": {"start"}}
page = convert(sys.stdin.read(), extensions, parsing, rendering)
print(nh3.clean(page, tags=tags, attributes=attributes, link_rel=None, url_schemes={"http", "https"}))
"""

PAGE = """<!doctype html><meta charset="utf-8"><title>report</title>
<style>{css}
body {{ margin: 20px; background: {page}; }}
.comment {{ border: 1px solid {line}; border-radius: 6px; max-width: 860px; }}
.who {{ padding: 9px 16px; border-bottom: 1px solid {line}; background: {head}; color: {text};
  border-radius: 6px 6px 0 0; font: 14px -apple-system, "Noto Sans", Helvetica, Arial, sans-serif; }}
.who span {{ border: 1px solid {line}; border-radius: 1em; padding: 0 7px; font-size: 12px; }}
.markdown-body {{ padding: 16px; font-size: 14px; }}
.markdown-body pre i {{ font-style: normal; display: inline-block; width: 100%; }}
.markdown-body pre i.a {{ color: {add}; background: {add_back}; }}
.markdown-body pre i.d {{ color: {gone}; background: {gone_back}; }}
.markdown-body pre i.c {{ color: {changed}; background: {changed_back}; }}
.pair {{ display: flex; gap: 16px; align-items: flex-start; }} .pair > div {{ width: 860px; }}
.markdown-body pre.mermaid {{ background: none; padding: 0; text-align: center; }}
</style>
<div class="pair">{comments}</div>
<script src="{mermaid_js}"></script>
<script>
mermaid.initialize({{startOnLoad: false, securityLevel: "strict", theme: "{mermaid}"}});
mermaid.run().catch(String).then(() =>
  document.body.dataset.height = Math.ceil(document.body.getBoundingClientRect().height + 40));
</script>"""


COMMENT = """<div class="comment"><div class="who"><b>github-actions</b> <span>bot</span> {when}</div>
<article class="markdown-body">{body}</article></div>"""


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        sys.exit(f"gallery: '{program}' is not installed; see the top of tools/gallery.py")
    return found


def run(command: list[str], text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"gallery: {command[0]} failed ({done.returncode}):\n{done.stderr[-2_000:]}")
    return done.stdout


def set_up() -> Path:
    """Fetches the renderers once; returns the Python that has comrak and nh3."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    if not (TOOLS / "node_modules" / "mermaid").is_dir():
        run(
            [
                need("npm"),
                "install",
                "--silent",
                "--no-audit",
                "--prefix",
                str(TOOLS),
                *NODE_PACKAGES,
            ]
        )
    python = TOOLS / "venv" / "bin" / "python"
    if not (TOOLS / "venv" / ".ready").exists():
        venv.create(TOOLS / "venv", with_pip=True, clear=True)
        run([str(python), "-m", "pip", "install", "--quiet", *PYTHON_PACKAGES])
        (TOOLS / "venv" / ".ready").touch()
    return python


def to_body(markdown: str, python: Path) -> str:
    """The comment's HTML, with diagrams for Mermaid and the colours of GitHub's diffs."""
    body = run([str(python), "-c", TO_HTML], markdown)
    body = re.sub(
        r'<pre lang="mermaid"><code>(.*?)</code></pre>', r'<pre class="mermaid">\1</pre>',
        body, flags=re.DOTALL,
    )  # fmt: skip
    return re.sub(r'<pre lang="diff"><code>(.*?)</code></pre>', _coloured, body, flags=re.DOTALL)


def _coloured(match: re.Match[str]) -> str:
    kinds = {"+": "a", "-": "d", "!": "c"}
    lines = [
        f'<i class="{kinds[line[0]]}">{line}</i>' if line[:1] in kinds else line
        for line in match[1].split("\n")
    ]
    return f"<pre><code>{chr(10).join(lines)}</code></pre>"


def write_page(bodies: dict[str, str], theme: str, path: Path) -> None:
    """One comment, or several beside each other, each under its caption."""
    modules = TOOLS / "node_modules"
    css = (modules / "github-markdown-css" / f"github-markdown-{theme}.css").read_text("utf-8")
    script = (modules / "mermaid" / "dist" / "mermaid.min.js").as_uri()
    comments = "\n".join(COMMENT.format(when=when, body=body) for when, body in bodies.items())
    page = PAGE.format(css=css, comments=comments, mermaid_js=html.escape(script), **THEMES[theme])
    path.write_text(page, encoding="utf-8")


def name_reports(paths: list[Path]) -> dict[str, Path]:
    """Each report by its name; by its folder and its name where several have the same one."""
    counts = Counter(path.stem for path in paths)
    return {
        path.stem if counts[path.stem] == 1 else f"{path.parent.name}/{path.stem}": path
        for path in paths
    }


def read_report(name: str, golden: dict[str, Path]) -> str:
    """The Markdown of a golden report, or of the comment that a scenario's run has posted."""
    if not name.startswith("try/"):
        return golden[name].read_text(encoding="utf-8")
    scenario = name.removeprefix("try/")
    run([sys.executable, "-m", "upshot_sandbox", "try", scenario])
    folder = ROOT / "build" / "try" / scenario
    comment = folder / "comment.md"
    shown = comment.read_text(encoding="utf-8") if comment.is_file() else ""
    return shown or (folder / "file_commands" / "GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")


def read_peers(name: str) -> str:
    """What pulumi/actions posts for a scenario's run with `comment-on-pr`: the log, folded (v6)."""
    from upshot_sandbox.engine.console import console_log
    from upshot_sandbox.engine.events import Engine
    from upshot_sandbox.scenario import load_scenario

    cloud = load_scenario(name.removeprefix("try/")).cloud
    log = console_log(Engine(cloud, cloud.updates[0]))
    head = f"#### \N{TROPICAL DRINK} `{cloud.updates[0].kind}` on {cloud.organization}/{cloud.project}/{cloud.stack}"
    return f"{head}\n\n<details open>\n<summary>Pulumi report</summary>\n\n```\n{log}\n```\n\n</details>\n"


def read_before(path: Path, base: str) -> str:
    """The report as it was at a commit; empty when it was not there."""
    place = path.relative_to(ROOT).as_posix()
    command = ["git", "-C", str(ROOT), "show", f"{base}:{place}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def shoot(page: Path, picture: Path, width: int = WIDTH) -> None:
    """The whole page, as high as it is, up to a bound."""
    browser = [
        need("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--virtual-time-budget=6000",
    ]  # fmt: skip
    dom = run([*browser, f"--window-size={width},800", "--dump-dom", page.as_uri()])
    match = re.search(r'data-height="(\d+)"', dom)
    height = min(int(match[1]) if match else TALLEST, TALLEST)
    run([*browser, f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri()])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", help="golden reports; all when none is named")
    parser.add_argument("--base", default="", help="a commit: before and after, side by side")
    parser.add_argument("--docs", action="store_true", help="only the README's pictures")
    chosen = parser.parse_args(arguments)
    golden = name_reports(sorted(GOLDEN.rglob("*.md")))
    names = chosen.names or sorted(golden)
    wanted = {
        OUT / f"{name.replace('/', '-')}-{theme}.png": (name, theme)
        for name in names
        for theme in THEMES
    }
    if chosen.docs:
        wanted = {DOCS / picture: made_of for picture, made_of in DOCS_PICTURES.items()}
    python = set_up()
    for picture, (name, theme) in wanted.items():
        markdown = read_report(name, golden)
        texts = {"commented now": markdown}
        if picture.name.startswith("moving"):
            texts = {"by pulumi/actions, unfolded": read_peers(name), "by Upshot": markdown}
        if chosen.base and name in golden:
            before = read_before(golden[name], chosen.base)
            if before == markdown:
                continue
            texts = {f"before, at {html.escape(chosen.base)}": before, "after": markdown}
        bodies = {when: to_body(text, python) for when, text in texts.items()}
        if name == OPENED:
            bodies = {
                when: body.replace("<details>", "<details open>", 1)
                for when, body in bodies.items()
            }
        page = OUT / f"{picture.stem}.html"
        picture.parent.mkdir(parents=True, exist_ok=True)
        write_page(bodies, theme, page)
        shoot(page, picture, WIDTH * len(bodies))
        print(picture.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
