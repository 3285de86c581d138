"""Writes everything that is generated from the Rust registry and error table; `--check` fails when any is stale.

Needs the built wheel. Writes schemas/, docs/transforms.md, buzzsaw/errors.py, buzzsaw/steps.py and Java's exceptions.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import generate_bindings
import generate_manifest_schema
import generate_python
import generate_reference
import generate_steps
from buzzsaw import _buzzsaw as native

ROOT = Path(__file__).resolve().parent.parent
JAVA = Path("buzzsaw_jvm/core/src/main/java")
PYTHON = Path("buzzsaw_py/python/buzzsaw")


def generated() -> dict[Path, str]:
    """Every generated file, relative to the root, with the text it should hold."""
    table = [dict(zip(("name", "code", "description"), row, strict=True)) for row in native.error_table()]
    transforms = native.transforms()
    schema = json.dumps(json.loads(native.feature_spec_schema()), indent=2, ensure_ascii=False) + "\n"
    files = {
        Path("schemas/feature_spec.schema.json"): schema,
        Path("schemas/errors.json"): json.dumps(table, indent=2) + "\n",
        Path("schemas/run_manifest.schema.json"): generate_manifest_schema.text(),
        Path("docs/transforms.md"): generate_reference.reference(transforms),
        PYTHON / "errors.py": formatted(generate_python.errors_module(table)),
        PYTHON / "steps.py": formatted(generate_steps.steps_module(transforms)),
    }
    for name, text in generate_bindings.java_sources(table).items():
        files[JAVA / name] = text
    return files


def formatted(source: str) -> str:
    """Python source as the formatter leaves it."""
    command = [Path(sys.executable).with_name("ruff"), "format", "--stdin-filename", "generated.py", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main() -> int:
    """Writes the files, or says which are stale."""
    stale = []
    for path, text in generated().items():
        target = ROOT / path
        if target.exists() and target.read_text("utf-8") == text:
            continue
        stale.append(str(path))
        if "--check" not in sys.argv[1:]:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"stale: {', '.join(stale)}; run `make generate`", file=sys.stderr)
        return 1 if stale else 0
    print(f"wrote {len(stale)} files" if stale else "everything is current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
