"""The copy of the workspace that is compiled once with every mutant in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from .listing import Mutant, by_file
from .switches import Switched, changed, culprits, deleted_arms

_MODULE = Path(__file__).with_name("mutation.rs")
#: Lints that mutants break, and that are errors by default or by the workspace's choice.
_ALLOW = "#![allow(warnings, arithmetic_overflow, unconditional_panic, unconditional_recursion, missing_docs)]"
_ROUNDS = 20


class Tree:
    """A package with its mutants behind switches; the environment variable `BUZZSAW_MUTANT` says which one runs.

    The crate's root, `lib.rs`, gets the module that reads it and can have no mutants.
    After `build`, `apart` holds mutants that must be compiled alone, `unviable` those that are no Rust.
    """

    def __init__(self, root: Path, folder: Path, package: str, targets: list[str]) -> None:
        self.root = root
        self.folder = folder / "tree"
        self.package = package
        self.targets = targets
        self.apart: list[Mutant] = []
        self.unviable: list[Mutant] = []
        self._target = folder / "target"
        self._bin = folder / "bin"
        self._switched: dict[Path, Switched] = {}

    def _copy(self, mutated: Iterable[Path]) -> None:
        """Copies what git tracks but files with mutants. What is the same keeps its time, for cargo."""
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self.root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        wanted = {Path(name) for name in names if name and (self.root / name).is_file()}
        for old in [path for path in self.folder.rglob("*") if path.is_file()]:
            if old.relative_to(self.folder) not in wanted | {self._module}:
                old.unlink()
        for name in wanted:
            if name != self._library and name not in mutated:
                _write(self.folder / name, (self.root / name).read_bytes())
        library = (self.root / self._library).read_text("utf-8")
        module = re.sub(r"^(?=(pub )?(mod|use) )", "pub mod mutation;\n", library, count=1, flags=re.MULTILINE)
        _write(self.folder / self._library, f"{_ALLOW}\n{module}".encode())
        _write(self.folder / self._module, _MODULE.read_bytes())

    def build(self, mutants: list[Mutant], known_unviable: Iterable[Mutant] = ()) -> dict[str, Path]:
        """The test binaries by target, built with every mutant that compiles."""
        self.unviable = list(known_unviable)
        files, dropped = by_file(mutants), {mutant.number for mutant in self.unviable}
        numbered = {mutant.number: mutant for mutant in mutants}
        self._copy(files)
        for _ in range(_ROUNDS):
            for name, those in files.items():
                self._switched[name] = Switched((self.root / name).read_bytes(), those, dropped)
                _write(self.folder / name, self._switched[name].text)
            binaries, errors = self._cargo()
            if not errors:
                for switched in self._switched.values():
                    self.apart.extend(switched.apart)
                    self.unviable.extend(switched.impossible)
                return self._kept(binaries)
            for number, own in self._culprits(errors).items():
                dropped.add(number)
                (self.unviable if own else self.apart).append(numbered[number])
        raise RuntimeError(f"the mutants do not compile after {_ROUNDS} rounds")

    def build_one(self, mutant: Mutant) -> dict[str, Path]:
        """The test binaries with this mutant written into its file; none when it does not compile."""
        path = self.folder / mutant.file
        _write(path, changed((self.root / mutant.file).read_bytes(), mutant))
        try:
            binaries, errors = self._cargo()
        finally:
            _write(path, self._switched[mutant.file].text)
        return {} if errors else binaries

    def _kept(self, binaries: dict[str, Path]) -> dict[str, Path]:
        """Copies of the binaries: a later build of one mutant writes over them."""
        self._bin.mkdir(exist_ok=True)
        return {name: Path(shutil.copy2(path, self._bin / name)) for name, path in binaries.items()}

    @cached_property
    def _source(self) -> Path:
        manifest = json.loads(
            subprocess.run(
                ["cargo", "metadata", "--format-version=1", "--no-deps", "--offline"],
                cwd=self.root,
                check=True,
                capture_output=True,
            ).stdout
        )
        (package,) = [package for package in manifest["packages"] if package["name"] == self.package]
        return Path(package["manifest_path"]).parent.relative_to(self.root.resolve()) / "src"

    @property
    def _library(self) -> Path:
        return self._source / "lib.rs"

    @property
    def _module(self) -> Path:
        return self._source / "mutation.rs"

    def _cargo(self) -> tuple[dict[str, Path], list[tuple[str, list[tuple[Path, int]]]]]:
        """The binaries that cargo makes, or the errors with their places, innermost first."""
        ran = subprocess.run(
            ["cargo", "test", "--no-run", "--message-format=json", "--package", self.package, *self.targets],
            cwd=self.folder,
            env={
                **os.environ,
                "CARGO_TARGET_DIR": str(self._target),
                "CARGO_INCREMENTAL": "1",
                "CARGO_PROFILE_DEV_OPT_LEVEL": "0",
                "CARGO_PROFILE_DEV_DEBUG": "0",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        messages = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        binaries = {
            message["target"]["name"]: Path(message["executable"])
            for message in messages
            if message["reason"] == "compiler-artifact" and message.get("executable")
        }
        errors = []
        for message in messages:
            if message["reason"] == "compiler-message" and message["message"]["level"].startswith("error"):
                spans = sorted(message["message"]["spans"], key=lambda span: not span["is_primary"])
                places = [(Path(span["file_name"]), span["byte_start"]) for span in map(_outermost, spans)]
                if places:
                    errors.append((message["message"]["rendered"], places))
        if ran.returncode and not errors:
            raise RuntimeError(ran.stderr)
        return binaries, errors

    def _culprits(self, errors: list[tuple[str, list[tuple[Path, int]]]]) -> dict[int, bool]:
        """The mutants to drop, with whether each is an error in itself."""
        found: dict[int, bool] = {}
        for text, places in errors:
            for name, at in places:
                file = self._switched.get(name)
                numbers, own = culprits(file.text, at) if file else (set(), False)
                if numbers:
                    found.update({number: own or found.get(number, False) for number in numbers})
                    break
            else:
                inside = {
                    number
                    for name, at in places
                    if name in self._switched
                    for number in deleted_arms(self._switched[name].text, at)
                }
                if not inside:
                    raise RuntimeError(f"an error of no mutant:\n{text}")
                found.update({number: found.get(number, False) for number in inside})
        return found


def _outermost(span: dict[str, object]) -> dict[str, object]:
    """Where a macro is called, for an error within it."""
    while isinstance(span.get("expansion"), dict):
        span = span["expansion"]["span"]  # type: ignore[index]
    return span


def _write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
