"""What a template may do: show the values it is given, ask whether there are any, and go through a list once.

Everything else of the language is refused before it is compiled: no calls, no attributes but the few that are named, no
other files, no arithmetic and no loop in a loop, so that the longest result is known. The sandbox stands behind that.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from connectors.folder.faults import did_you_mean

_DEPTH_MAX = 20
_FILTERS = ("capitalize", "length", "lower", "trim", "upper")
_LISTS: Mapping[str, tuple[str, ...]] = {"items": ("name", "quantity"), "paragraphs": ()}
_OF_LOOPS = ("first", "index", "last", "length")
_PLAIN = (
    nodes.Output, nodes.TemplateData, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
_WHAT = {
    nodes.Call: "calls nothing",
    nodes.Include: "takes in no other file",
    nodes.Extends: "takes in no other file",
    nodes.Import: "takes in no other file",
    nodes.FromImport: "takes in no other file",
    nodes.Getitem: "looks into nothing by number or name in brackets",
}
_MAY = "may show values ({{ number }}), choose (if, else) and go through items or paragraphs (for)"


class Mistake(NamedTuple):
    """What is wrong in a template, and in which line."""

    line: int
    reason: str


def _shown(value: Any) -> Any:
    """Let only text and numbers be shown, and nothing of how they are kept."""
    if isinstance(value, (str, int, StrictUndefined)):
        return value
    raise TemplateError(f"{type(value).__name__} is neither a text nor a number")


def _environment(*, is_html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        # Plain text has nothing to escape; it is escaped when the layout puts it into HTML.
        autoescape=is_html,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.tests = {}
    environment.globals = {}
    return environment


_TEXT, _HTML = _environment(is_html=False), _environment(is_html=True)


def compiled(source: str, *, is_html: bool = False) -> Template:
    """Give a template that was found to be right."""
    return (_HTML if is_html else _TEXT).from_string(source)


def mistakes_of(source: str, known: tuple[str, ...]) -> list[Mistake]:
    """Give what is wrong in a template that is given values of these names."""
    try:
        # Without what the environment knows, so that a filter that is not there is told of like everything else.
        parsed = _TEXT.parse(source)
    except TemplateSyntaxError as error:
        return [Mistake(error.lineno, (error.message or "cannot be read").rstrip("."))]
    except (RecursionError, MemoryError):
        return [Mistake(1, "there is too much inside of each other")]
    found = list(_mistakes(parsed, known))
    if not found:
        try:
            _TEXT.compile(parsed)
        except (TemplateError, SyntaxError, RecursionError, MemoryError) as error:
            found.append(Mistake(1, f"it cannot be made into a template ({type(error).__name__})"))
    return found


def _mistakes(parsed: nodes.Template, known: tuple[str, ...]) -> Iterator[Mistake]:
    for node in parsed.body:
        yield from _of(node, known, depth=0, loop=None)


def _of(node: nodes.Node, known: tuple[str, ...], *, depth: int, loop: tuple[str, str] | None) -> Iterator[Mistake]:
    """`loop` is the name that a loop gives to each of a list, and the list."""
    if depth > _DEPTH_MAX:
        yield Mistake(node.lineno, "there is too much inside of each other")
        return
    inside: Iterator[nodes.Node] = node.iter_child_nodes()
    match node:
        case nodes.For():
            yield from _of_loop(node, known, depth=depth, loop=loop)
            return
        case nodes.Getattr():
            yield from _of_attribute(node, loop)
            return
        case nodes.Name():
            allowed = (*known, *((loop[0],) if loop else ()))
            if node.name not in allowed:
                yield Mistake(node.lineno, f"there is no value '{node.name}' here: {did_you_mean(node.name, allowed)}")
        case nodes.Filter():
            has_more = node.args or node.kwargs or node.dyn_args or node.dyn_kwargs
            if node.name not in _FILTERS or has_more:
                yield Mistake(node.lineno, f"of filters a template has {', '.join(_FILTERS)}, and nothing behind them")
                return
        case _ if not isinstance(node, _PLAIN):
            name = type(node).__name__.lower()
            line = node.lineno or next((one.lineno for one in node.find_all(nodes.Node) if one.lineno), 1)
            yield Mistake(line, f"a template {_WHAT.get(type(node), f'has no {name}')}: it {_MAY}")
            return
        case _:
            pass
    for one in inside:
        yield from _of(one, known, depth=depth + 1, loop=loop)


def _of_loop(node: nodes.For, known: tuple[str, ...], *, depth: int, loop: tuple[str, str] | None) -> Iterator[Mistake]:
    over = node.iter.name if isinstance(node.iter, nodes.Name) else ""
    lists = tuple(one for one in _LISTS if one in known)
    if loop is not None or over not in lists or not isinstance(node.target, nodes.Name) or node.recursive:
        which = f"goes through {' or '.join(lists)}" if lists else "has no list to go through"
        yield Mistake(node.lineno, f"a template {which}, by one name, and not inside of another loop")
        return
    inner = (node.target.name, over)
    for one in (*node.body, *node.else_, *([] if node.test is None else [node.test])):
        yield from _of(one, known, depth=depth + 1, loop=inner)


def _of_attribute(node: nodes.Getattr, loop: tuple[str, str] | None) -> Iterator[Mistake]:
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    allowed: tuple[str, ...] = ()
    if loop is not None:
        allowed = _LISTS[loop[1]] if name == loop[0] else _OF_LOOPS if name == "loop" else ()
    if node.attr not in allowed:
        hint = f": {name} has {', '.join(allowed)}" if allowed else ""
        yield Mistake(node.lineno, f"there is nothing that is called {name or 'this'}.{node.attr} here{hint}")
