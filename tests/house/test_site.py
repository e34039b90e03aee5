"""What is generated for the site: links that hold, docstrings as Markdown, every page in the navigation, nothing loaded from elsewhere.

The site as a whole is built by `python -m scripts.site.build`, a step of the checks, with every warning an error.
"""

from pathlib import Path

import nbformat
import pytest
from mkdocs.exceptions import PluginError

import bot4
from scripts.shell import ROOT
from scripts.site import api, build, hook, links, notebooks


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("README.md", "[a](docs/quickstart.md#data)", "[a](quickstart.md#data)"),
        ("README.md", "![a](docs/img/report.png)", "![a](img/report.png)"),
        ("README.md", "[a](CONTRIBUTING.md)", "[a](contributing.md)"),
        ("docs/strategies/trend.md", "[a](../../examples/trend.py)", "[a](../examples/trend.md)"),
        ("docs/strategies/trend.md", "[a](../language.md)", "[a](../language.md)"),
        ("docs/quickstart.md", "[a](notebooks/01-first.ipynb)", "[a](notebooks/01-first.md)"),
        ("CHANGELOG.md", "[a](https://x.org/y)", "[a](https://x.org/y)"),
        ("docs/design.md", "[a](../engine/core/src/lib.rs)", "a"),
        ("docs/design.md", "```python no-run: a signature\nx\n```", "```python\nx\n```"),
    ],
)
def test_links_and_fences_are_those_of_the_site(path: str, text: str, expected: str) -> None:
    assert links.for_site(text, path) == expected


def test_a_docstring_becomes_a_list_of_parameters_and_prose() -> None:
    doc = "Returns *x* < y.\n\nstart, end: from `a*b` on;\n    to the end.\nfresh: anew.\n\nSays this: nothing.\n"
    assert api.prose(doc) == (
        "Returns \\*x\\* &lt; y.\n\n\n- `start`, `end`: from `a*b` on;\n  to the end.\n- `fresh`: anew.\n\nSays this: nothing."
    )


def call(a: int, /, b: "str | None" = None, *rest: float, key: str = "x", **more: object) -> bool:
    """Has every kind of parameter."""
    return bool((a, b, rest, key, more))


def test_a_signature_stands_as_in_the_source() -> None:
    shown = api.signature("call", call)
    assert shown == (
        "```python\ncall(a: int, b: str | None = None, *rest: float, key: str = 'x', **more: object) -> bool\n```"
    )


def test_every_public_name_has_its_place_in_the_api_pages() -> None:
    text = "\n".join(page for _, page in api.pages().values())
    assert [name for name in bot4._EXPORTS if f"\n## b4.{name} {{" not in text] == []


def test_every_page_is_in_the_navigation_once() -> None:
    pages = {"index.md", "language.md", "new-topic.md", "migrate/other.md", "strategies/README.md", "strategies/b.md"}
    placed = [
        page for section in hook.navigation(pages | {"examples/x.md"}) for chosen in section.values() for page in chosen
    ]
    assert sorted(placed) == sorted(pages)
    assert placed.index("strategies/README.md") < placed.index("strategies/b.md")
    assert placed[-1] == "new-topic.md"


def test_what_a_page_would_load_from_elsewhere_is_found(tmp_path: Path) -> None:
    good = '<a href="https://x.org">x</a><link rel="canonical" href="https://x.org/"><img src="img/a.png">'
    (tmp_path / "good.html").write_text(good)
    assert build.outside(tmp_path) == []
    (tmp_path / "bad.html").write_text('<script async src="//cdn.x.org/a.js"></script>')
    (tmp_path / "bad.css").write_text("@font-face { src: url(https://fonts.x.org/a.woff) }")
    assert build.outside(tmp_path) == ["bad.css: https://fonts.x.org/a.woff", "bad.html: //cdn.x.org/a.js"]


def test_a_site_that_mkdocs_warns_about_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("[gone](gone.md)")
    (tmp_path / "mkdocs.yml").write_text("site_name: x\n")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(SystemExit):
        build.build(tmp_path / "out")
    said = capsys.readouterr().err
    assert "gone.md" in said
    assert "INFO" not in said


@pytest.mark.parametrize("path", notebooks.all_notebooks(), ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    text, _ = notebooks.to_markdown(notebooks.executed(path), folder=path.stem)
    assert text.startswith("# ")
    assert text.count("```text") >= 4


@pytest.mark.parametrize("path", notebooks.all_notebooks(), ids=lambda path: path.stem)
def test_a_notebook_stands_in_git_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert [
        cell.id for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)
    ] == []


def test_a_notebook_that_fails_stops_with_its_cell(tmp_path: Path) -> None:
    from nbclient.exceptions import CellExecutionError

    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    nbformat.write(broken, tmp_path / "broken.ipynb")
    with pytest.raises(CellExecutionError) as stopped:
        notebooks.execute(tmp_path / "broken.ipynb")
    assert notebooks.last_line(stopped.value) == "ZeroDivisionError: division by zero"
    with pytest.raises(PluginError, match=r"^broken\.ipynb: a cell failed: ZeroDivisionError: division by zero$"):
        hook._executed(tmp_path / "broken.ipynb")


def test_outputs_become_text_and_images() -> None:
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m\n" + "line\n" * 100),
        nbformat.v4.new_output("display_data", data={"image/png": "aGk=", "text/plain": "<Figure>"}),
        nbformat.v4.new_output("execute_result", data={"text/html": "<pre>a &lt; b</pre>", "text/plain": "<R>"}),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# T"), cell])
    text, images = notebooks.to_markdown(notebook, folder="n")
    assert "red\nline" in text
    assert "… 41 lines more" in text
    assert "![output](n/0.png)" in text
    assert "```text\na < b\n```" in text
    assert images == {"0.png": b"hi"}


def test_the_navigation_names_pages_of_this_tree() -> None:
    named = [page for pages in hook.NAV.values() for page in pages if not page.endswith("*")]
    there = [
        page
        for page in named
        if page == "index.md" or (ROOT / "docs" / page).exists() or page in ("contributing.md", "changelog.md")
    ]
    assert len(there) > 15
    assert len(named) == len(set(named))
