"""The parser, and the one place where errors become a paragraph and an exit code."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import warnings
from collections.abc import Sequence

import pyarrow as pa

from buzzsaw.build import __version__, build_id
from buzzsaw.cli import analyze, diff, explain, fit, inspect, transform, transforms, tryout, validate, verify
from buzzsaw.cli.output import Output
from buzzsaw.errors import BuzzsawError

_COMMANDS = (validate, fit, transform, inspect, explain, diff, analyze, verify, transforms, tryout)

#: Codes that are not the fault of what was given; they exit with 1, all others with 2.
_NOT_INPUT = {"BZ_IO", "BZ_TIMEOUT", "BZ_CLOSED", "BZ_INTERNAL"}


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    top = argparse.ArgumentParser(
        prog="buzzsaw", description="Feature transforms for search and ranking.", allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"buzzsaw {__version__} ({build_id()})")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        name = module.__name__.rpartition(".")[2]
        summary, _, more = (module.__doc__ or "").strip().partition("\n\n")
        command = commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=more,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_argument("--json", action="store_true", help="print one JSON document, for scripts")
        module.arguments(command)
        command.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code: 0, 2 for bad input, 1 for anything else, or the command's own."""
    given = parser().parse_args(arguments)
    output = Output(as_json=given.json)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: output.note(f"warning: {message}")
        try:
            return given.run(given, output) or 0
        except BuzzsawError as error:
            return _failed(error.problems, output, 1 if error.code in _NOT_INPUT else 2)
        except pa.ArrowInvalid as error:
            return _failed([_problem("BZ_INVALID_VALUE", error)], output, 2)
        except OSError as error:
            return _failed([_problem("BZ_IO", error)], output, 1)
        except KeyboardInterrupt:
            return _failed([_problem("BZ_TIMEOUT", "interrupted")], output, 130)
        except Exception as error:
            # A traceback is of no use to whoever runs a command.
            return _failed([_problem("BZ_INTERNAL", f"{type(error).__name__}: {error}")], output, 1)


def _problem(code: str, message: object) -> dict[str, str]:
    return {"code": code, "message": " ".join(str(message).split()), "place": "", "hint": ""}


def _failed(problems: Sequence[dict[str, str]], output: Output, code: int) -> int:
    if output.as_json:
        sys.stderr.write(json.dumps({"problems": list(problems)}) + "\n")
    else:
        text = "; ".join(str(BuzzsawError([problem])).replace("\n", " ") for problem in problems)
        sys.stderr.write(textwrap.fill(f"buzzsaw: {text}", 110, break_long_words=False, break_on_hyphens=False) + "\n")
    return code
