"""How each figure is made, told from the docstrings: the one source of the page under Help."""

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module

from plimsoll import risk

# numpydoc section → what the page calls it, in the order of the page.
_HEADINGS = {
    "Notes": "Formula and convention",
    "Parameters": "From what, over which window",
    "Returns": "What it says",
    "Raises": "When it says nothing",
    "References": "Reference",
    "Examples": "A checked value",
}


def figures_as_markdown() -> str:
    """Return one Markdown page on every public figure, module by module, from their docstrings.

    Returns
    -------
    str
        For each figure its name with arguments, one sentence, then formula and convention, inputs with their
        window, meaning and sign of the answer, refusals, reference and a checked value, as far as its
        docstring states them. The order is that of the list in ``plimsoll.risk``.
    """
    lines = ["# How each figure is made", ""]
    for name, figures in risk.FIGURES_BY_MODULE.items():
        module = import_module(f"{risk.__name__}.{name}")
        sentence = (inspect.getdoc(module) or name).split("\n")[0]
        lines += [f"## {sentence.rstrip('.')}", ""]
        for figure in figures:
            lines += [*_told(getattr(module, figure)), ""]
    return "\n".join(lines)


def one_line(figure: Callable[..., object]) -> str:
    """Return a figure's name with its arguments and defaults, types aside."""
    signature = inspect.signature(figure)
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    short = signature.replace(parameters=bare, return_annotation=signature.empty)
    return f"{figure.__name__}{short}"


def _told(figure: Callable[..., object]) -> Iterator[str]:
    opening, sections = _sections(inspect.getdoc(figure) or "")
    yield f"### `{one_line(figure)}`"
    yield ""
    yield opening
    for section, heading in _HEADINGS.items():
        if section in sections:
            yield ""
            yield f"**{heading}**"
            yield ""
            yield _as_code(sections[section]) if section == "Examples" else _as_prose(sections[section])


def _sections(docstring: str) -> tuple[str, dict[str, str]]:
    """Split a numpydoc docstring into its opening and its named sections."""
    opening, *rest = re.split(r"^(\w[\w ]*)\n-{3,}\n", docstring, flags=re.MULTILINE)
    named = {title: body.strip("\n") for title, body in zip(rest[::2], rest[1::2], strict=True)}
    return opening.strip(), named


def _as_prose(body: str) -> str:
    # "name : type" lines become list entries, their descriptions follow them; footnotes lose their dots.
    entries = re.sub(r"^([\w, ]+) : (.+)$", r"- *\1* (\2):", body, flags=re.MULTILINE)
    entries = re.sub(r"^(\w+(?:, \w+)*)$", r"- \1:", entries, flags=re.MULTILINE)
    entries = re.sub(r"^\.\. \[(\d+)\] ", r"\1. ", entries, flags=re.MULTILINE)
    return re.sub(r"\s?\[(\d+)\]_", r" [\1]", entries).replace("``", "`")


def _as_code(body: str) -> str:
    return f"```python\n{body}\n```"
