"""The finder of stand-ins sees the usual shapes of unfinished work and leaves finished work alone."""

import textwrap

import pytest

from scripts import standins


def python(source: str, path: str = "bot4/room/module.py") -> list[str]:
    return [finding.name for finding in standins.in_python(textwrap.dedent(source), path)]


def rust(source: str) -> list[str]:
    return [finding.name for finding in standins.in_rust(source, "engine/core/src/module.rs")]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def sharpe(returns):\n    '''Returns it.'''\n    return 1.0\n", ["sharpe"]),
        ("def limits(kind):\n    return -1, 2\n", ["limits"]),
        ("def table(rows):\n    return {'a': []}\n", ["table"]),
        ("class A:\n    def depth(self, level):\n        return []\n", ["depth"]),
        ("def send(order):\n    pass\n", ["send"]),
        ("def send(order):\n    '''Sends.'''\n", ["send"]),
        ("async def send(order):\n    ...\n", ["send"]),
        ("def later():\n    raise NotImplementedError\n", ["NotImplementedError"]),
        ("def later():\n    raise NotImplementedError('soon')\n", ["NotImplementedError"]),
    ],
)
def test_unfinished_python_is_found(source: str, names: list[str]) -> None:
    assert python(source) == names


@pytest.mark.parametrize(
    "source",
    [
        "def version():\n    return 1\n",
        "class A:\n    def kind(self):\n        return 'market'\n",
        "def _ignore(event):\n    pass\n",
        "def double(x):\n    return 2 * x\n",
        "def clear(rows):\n    rows.clear()\n    return None\n",
        "def forget(rows):\n    rows.clear()\n",
        "def reserved(_unused):\n    return 0\n",
        "class P(Protocol):\n    def depth(self, level): ...\n",
        "from typing import overload\n@overload\ndef f(x): ...\n",
        "class A:\n    @abstractmethod\n    def depth(self, level):\n        '''Returns it.'''\n",
    ],
)
def test_finished_python_is_left_alone(source: str) -> None:
    assert python(source) == []


def test_python_tests_without_an_assertion_are_found() -> None:
    source = """
        def test_runs():
            run()

        def test_compares():
            assert run() == 1

        def test_raises():
            with pytest.raises(ValueError):
                run()

        def test_by_helper():
            assert_same_bits(run(), run())

        def test_by_a_helper_of_a_helper():
            refused(run())

        def refused(result):
            told(result, "row 1")

        def told(result, words):
            assert words in result

        def helper(x):
            return 1
    """
    assert python(source, "tests/room/test_module.py") == ["test_runs"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("fn a() { todo!() }", ["todo"]),
        ('fn a() { unimplemented!("soon") }', ["unimplemented"]),
        ("pub fn impact(range: i64, share: f64) -> f64 { 0.0 }", ["impact"]),
        ("fn find(&self, id: u32) -> Option<u32> {\n    None\n}", ["find"]),
        ("fn check(&mut self, order: &Order) -> Result<(), Reason> { Ok(()) }", ["check"]),
        ("fn rows<T>(from: T) -> Vec<T> { Vec::new() }", ["rows"]),
        ("#[test]\nfn it_runs() { let x = 1; run(x); }", ["it_runs"]),
    ],
)
def test_unfinished_rust_is_found(source: str, names: list[str]) -> None:
    assert rust(source) == names


@pytest.mark.parametrize(
    "source",
    [
        "fn version(&self) -> u32 { 1 }",
        "fn unused(_row: usize) -> f64 { 0.0 }",
        "fn double(x: i64) -> i64 { 2 * x }",
        "fn zero(x: i64) -> i64 { if x > 0 { 0 } else { x } }",
        "#[test]\nfn it_holds() { if true { assert_eq!(1, 1); } }",
        "#[test]\n#[should_panic]\nfn it_panics() { run(); }",
        "#[test]\nfn by_helper() { assert_conserved(&run()); }",
        "fn like(a: &[f64]) { assert!(a.is_empty()); }\n#[test]\nfn by_local_helper() { like(&run()); }",
    ],
)
def test_finished_rust_is_left_alone(source: str) -> None:
    assert rust(source) == []


def test_a_finding_names_file_line_and_fault() -> None:
    (finding,) = standins.in_python("\n\ndef send(order):\n    pass\n", "bot4/live/send.py")
    assert str(finding) == "bot4/live/send.py:3: `send` does nothing."


def test_an_allowance_without_a_finding_must_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(standins, "sources", list)
    monkeypatch.setattr(standins, "ALLOWED", {"bot4/gone.py::f": "it was right"})
    with pytest.raises(SystemExit):
        standins.check()
    assert "bot4/gone.py::f is allowed" in capsys.readouterr().err


def test_a_file_that_is_no_python_is_named() -> None:
    (finding,) = standins.in_python("def f(:\n", "bot4/broken.py")
    assert str(finding) == "bot4/broken.py:1: not Python: invalid syntax."
