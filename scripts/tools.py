"""Finds or installs what the tests need beside Python and Rust: valgrind, LLVM's coverage tools, cargo-llvm-cov, Chromium, PostgreSQL.

Debian packages come through apt-get when this runs as root (or sudo asks nothing); elsewhere one sentence says what to install.
cargo-llvm-cov (and cargo-mutants, when it is asked for) is built from crates.io once, into `.cache/tools`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from scripts.shell import CACHE, environment, output, run, stop

CARGO_LLVM_COV = "0.9.1"
CARGO_MUTANTS = "27.1.0"
TREE_SITTER = {"tree-sitter": "0.26.1", "tree-sitter-rust": "0.24.2"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")
"""Debian keeps the server's programs in a folder for each version, `15/bin` and so on, off the PATH."""


def find(program: str) -> str | None:
    """Returns the path of a program on the project's PATH, or None."""
    return shutil.which(program, path=environment()["PATH"])


def llvm_major(rustc_version: str) -> str:
    """Returns the major version of LLVM in the text of `rustc -vV`: its coverage files are read by that version's tools only."""
    found = re.search(r"^LLVM version: (\d+)", rustc_version, re.MULTILINE)
    if found is None:
        stop("`rustc -vV` names no LLVM version, so the coverage tools cannot be matched: use a toolchain from rustup.")
    return found.group(1)


def root_prefix() -> list[str] | None:
    """Returns the words that run a command as root without a question, or None where that is impossible."""
    if not find("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False) if find("sudo") else None
    return ["sudo", "-n"] if silent is not None and silent.returncode == 0 else None


def install_debian(package: str, prefix: list[str]) -> None:
    """Installs one Debian package, refreshing the lists first when they do not know it."""
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    install = [*command, "install", "--yes", "-qq", "--no-install-recommends", package]
    try:
        run(install)
    except subprocess.CalledProcessError:
        run([*command, "update", "-qq"])
        run(install)


def need(program: str, package: str, otherwise: str, prefix: Callable[[], list[str] | None] = root_prefix) -> str:
    """Returns the path of `program`, installing the Debian `package` if it is missing; `otherwise` says what else helps."""
    path = find(program)
    if path is None:
        as_root = prefix()
        if as_root is None:
            stop(f"`{program}` is missing and cannot be installed here without root: {otherwise}, then repeat.")
        print(f"-- installing the Debian package {package}", flush=True)
        install_debian(package, as_root)
        path = find(program)
    if path is None:
        stop(f"The Debian package {package} is installed and still there is no `{program}` on PATH: {otherwise}.")
    return path


def valgrind() -> str:
    """Returns the path of valgrind."""
    return need("valgrind", "valgrind", "install valgrind with your system's package manager")


def chromium() -> str:
    """Returns the path of Chromium or Chrome, in which the tests open pages."""
    for name in CHROMIUM_NAMES:
        if path := find(name):
            return path
    return need("chromium", "chromium", "install Chromium or Chrome")


def postgresql(root: Path = DEBIAN_POSTGRESQL) -> Path:
    """Returns the folder of `initdb` and `postgres`, of the newest version there is; the tests start a server of their own with them."""
    folder = server_programs(root)
    if folder is not None:
        return folder
    advice = "install the PostgreSQL server and put its `initdb` on PATH"
    as_root = root_prefix()
    if as_root is None:
        stop(f"`initdb` is missing and cannot be installed here without root: {advice}, then repeat.")
    print("-- installing the Debian package postgresql", flush=True)
    install_debian("postgresql", as_root)
    folder = server_programs(root)
    if folder is None:
        stop(f"The Debian package postgresql is installed and still there is no `initdb`: {advice}.")
    return folder


def server_programs(root: Path) -> Path | None:
    """Returns the folder that holds PostgreSQL's server programs, from PATH or from Debian's place; None without one."""
    if path := find("initdb"):
        return Path(path).resolve().parent
    versions = [path.parent for path in root.glob("*/bin/initdb")]
    return max(versions, key=lambda folder: float(folder.parent.name), default=None)


def llvm_tools() -> dict[str, str]:
    """Returns LLVM_COV and LLVM_PROFDATA for cargo-llvm-cov: given by the caller, from rustup, or from Debian."""
    if "LLVM_COV" in os.environ and "LLVM_PROFDATA" in os.environ:
        return {name: os.environ[name] for name in ("LLVM_COV", "LLVM_PROFDATA")}
    sysroot = Path(output(["rustc", "--print", "sysroot"]).strip())
    own = sorted(sysroot.glob("lib/rustlib/*/bin/llvm-cov"))
    if own:
        return {"LLVM_COV": str(own[0]), "LLVM_PROFDATA": str(own[0].with_name("llvm-profdata"))}
    major = llvm_major(output(["rustc", "-vV"]))
    advice = f"run `rustup component add llvm-tools` or install LLVM {major}"
    package = f"llvm-{major}"
    return {
        "LLVM_COV": need(f"llvm-cov-{major}", package, advice),
        "LLVM_PROFDATA": need(f"llvm-profdata-{major}", package, advice),
    }


def cargo_llvm_cov() -> None:
    """Builds cargo-llvm-cov into `.cache/tools` unless there is one."""
    from_crates("cargo-llvm-cov", CARGO_LLVM_COV)


def cargo_mutants() -> None:
    """Builds cargo-mutants into `.cache/tools` unless there is one: only `scripts.mutants` asks for it."""
    from_crates("cargo-mutants", CARGO_MUTANTS)


def from_crates(program: str, version: str) -> None:
    """Builds a program of crates.io into `.cache/tools` unless there is one."""
    if find(program):
        return
    print(f"-- building {program} {version} (about a minute, once)", flush=True)
    place = ["--root", str(CACHE / "tools"), "--target-dir", str(CACHE / "tools-target")]
    run(["cargo", "install", "--quiet", "--locked", "--debug", program, "--version", version, *place])
    shutil.rmtree(CACHE / "tools-target", ignore_errors=True)


def tree_sitter() -> Path:
    """Returns the folder of tree-sitter and its grammar of Rust, installed there on the first call: only `scripts.mutants` asks for it."""
    versions = "-".join(TREE_SITTER.values())
    folder = CACHE / "tools" / f"tree-sitter-{versions}"
    if not folder.is_dir():
        fresh = folder.with_name(f"{folder.name}.new")
        pinned = [f"{name}=={version}" for name, version in TREE_SITTER.items()]
        run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--target",
                str(fresh),
                *pinned,
            ]
        )
        fresh.rename(folder)
    return folder


def main() -> None:
    """Installs everything at once."""
    valgrind()
    llvm_tools()
    cargo_llvm_cov()
    chromium()
    postgresql()


if __name__ == "__main__":
    main()
