"""Templates in a sandbox that is immutable and strict; for a user's template with an allow-list.

A user's template may place, override and repeat the values that it is given, and nothing else: no
arithmetic, no calls but `super()`, no filters that cut or build text, no includes. What loops over
loops may still print and take is bounded where it runs: in a process with limits (`report.cage`;
threats T38, T39).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from upshot.errors import TemplateFault
from upshot.report.cage.wire import CANNOT
from upshot.report.markdown.escape import escape_inline

if TYPE_CHECKING:
    from types import CodeType

    from jinja2 import BytecodeCache, Environment, Template

    from upshot.report.cage.keeper import Cage

LONGEST: Final = 64_000
"""Characters of a user's template."""

PARENT: Final = "report.md.j2"
"""The report's body, with the blocks that a user's template overrides."""

_FILTERS: Final = ("default", "first", "join", "last", "length", "list")
_DEEPEST_LOOP: Final = 2
_NODES_TEXT: Final = (
    "Template Extends Block Output TemplateData Name Getattr Getitem Const If For Compare Operand "
    "And Or Not Test Filter Call CondExpr"
)
_NODES: Final = frozenset(_NODES_TEXT.split())
_HINT: Final = "See docs/templates.md for the blocks and values that a template may use."


class LoadedTemplate(NamedTuple):
    """A template that is ready to be rendered."""

    template: Template | None
    """None for a user's: that is compiled where it is rendered (`report.cage`)."""
    uses_target: bool
    """Whether it may print something else in the comment than in the summary."""
    source: str = ""
    """Of a user's template."""


class Templates:
    """Loads, checks and renders templates. Upshot's own are compiled once a process.

    A user's is rendered in a process of its own; that is started with the first page.
    """

    _cage: Cage | None = None

    def load(self, name: str = PARENT) -> LoadedTemplate:
        """A template of Upshot's own, none of which looks at `target`."""
        return LoadedTemplate(_environment().get_template(name), uses_target=False)

    def compile(self, source: str) -> LoadedTemplate:
        """A user's template, which extends `report.md.j2`, read and checked.

        Raises TemplateFault, saying what is wrong.
        """
        from jinja2 import TemplateError, TemplateSyntaxError, nodes

        if len(source) > LONGEST:
            raise TemplateFault(
                f"the template has {len(source):,} characters; allowed are {LONGEST:,}", hint=_HINT
            )
        try:
            tree = _environment().parse(source)
            _check(tree)
            if tree.find(nodes.Extends) is None:
                raise TemplateFault(
                    f'the template does not start with {{% extends "{PARENT}" %}}', hint=_HINT
                )
            uses_target = any(name.name == "target" for name in tree.find_all(nodes.Name))
            return LoadedTemplate(None, uses_target, source)
        except (TemplateError, RecursionError) as error:
            where = f" in line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
            words = getattr(error, "message", None) or str(error)
            raise TemplateFault(
                f"the template cannot be read{where}: {words}", hint=_HINT
            ) from error

    def compile_here(self, source: str) -> LoadedTemplate:
        """The same, compiled in this process: for the one that renders it. Raises as `compile`."""
        return self.compile(source)._replace(template=_environment().from_string(source))

    def render(self, loaded: LoadedTemplate, values: Mapping[str, Any]) -> str:
        """The template's text. Every text among the values is Markdown already.

        Raises TemplateFault when the template uses a value that does not exist.
        """
        if loaded.source:
            from upshot.report.cage.keeper import Cage

            self._cage = self._cage or Cage()
            return self._cage.render(loaded.source, values)
        return "".join(generate(loaded, values))


def generate(loaded: LoadedTemplate, values: Mapping[str, Any]) -> Iterator[str]:
    """The text of a compiled template, piece by piece. Raises TemplateFault."""
    from jinja2 import TemplateError

    assert loaded.template is not None  # noqa: S101 - it is compiled
    try:
        yield from loaded.template.generate(_safe(values))
    except (TemplateError, TypeError, ValueError, RecursionError) as error:
        line = _line_of(error)
        where = f" in line {line}" if line else ""
        raise TemplateFault(f"{CANNOT}{where}: {error}") from error


def _line_of(error: Exception) -> int:
    """The line of the user's template that the error comes from, as Jinja2 notes it; 0 for none."""
    from traceback import walk_tb

    lines = [at for frame, at in walk_tb(error.__traceback__) if _is_template(frame.f_code)]
    return lines[-1] if lines else 0


def _is_template(code: CodeType) -> bool:
    return code.co_filename == "<template>"


def render_template(name: str, values: Mapping[str, Any]) -> str:
    """A small template of Upshot's own, without empty lines around it."""
    templates = Templates()
    return templates.render(templates.load(name), values).strip("\n")


def load_templates() -> None:
    """Compiles all of Upshot's templates ahead, while a process waits."""
    for name in _environment().list_templates():
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    """Made when the first report is rendered: Jinja2 is not loaded before that."""
    from upshot.report.templating.compiled import CompiledTemplates

    return make_environment(CompiledTemplates())


def make_environment(compiled: BytecodeCache) -> Environment:
    """Upshot's templates in their sandbox; `compiled` keeps their byte code."""
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    folder = files("upshot.report").joinpath("templates")
    ours = {
        file.name: file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".j2")
    }
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(ours),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
        bytecode_cache=compiled,
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.globals = {}
    return environment


def _finalize(value: object) -> object:
    """What `{{ … }}` prints: safe Markdown as it is, everything else escaped as Markdown."""
    from markupsafe import Markup

    return value if hasattr(value, "__html__") else Markup(escape_inline(str(value)))  # noqa: S704


def _safe(value: Any) -> Any:
    """The value with every text in it marked as Markdown that needs no escaping."""
    from markupsafe import Markup

    if isinstance(value, str):
        return Markup(value)  # noqa: S704 - escaped or defanged where the values were made
    if isinstance(value, Mapping):
        return {key: _safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(item) for item in value]
    return value


def _check(node: Any, loops: int = 0) -> None:
    """Raises TemplateFault for the first thing in the tree that is not on the allow-list."""
    from jinja2 import nodes

    name = type(node).__name__
    line = getattr(node, "lineno", 0)
    allowed = name in _NODES
    if isinstance(node, nodes.Call):
        allowed = isinstance(node.node, nodes.Name) and node.node.name == "super"
    elif isinstance(node, nodes.Filter):
        allowed = node.name in _FILTERS
    elif isinstance(node, nodes.Getattr):
        allowed = not node.attr.startswith("_")
    elif isinstance(node, nodes.Extends):
        allowed = isinstance(node.template, nodes.Const) and node.template.value == PARENT
    elif isinstance(node, nodes.For):
        loops += 1
        allowed = loops <= _DEEPEST_LOOP and not node.recursive
    if not allowed:
        raise TemplateFault(f"the template uses {name} in line {line}: not allowed", hint=_HINT)
    for child in node.iter_child_nodes():
        _check(child, loops)
