"""What went wrong in a job, in one paragraph for people."""

from __future__ import annotations

import re
import textwrap

from buzzsaw.spark import error_of

#: What Spark puts around the words of a failure: the name of a call, and frames of Java and Python stacks.
_AROUND = re.compile(r"^An error occurred while calling \S+\n: |^\tat (?s:.*)|^Traceback \(.*\n|^ .*\n", re.MULTILINE)

#: A failed task, which Spark 3.5 puts around the words of what failed there, and those words.
_TASK, _CAUSE = "Job aborted due to stage failure", re.compile(r"^Caused by: (.*)", re.MULTILINE)


def paragraph(failure: Exception) -> str:
    """A failure of a job in one paragraph for people."""
    error = error_of(failure)
    if error is not None:
        return " ".join(line if line.endswith((".", ")")) else line + "." for line in str(error).splitlines())
    words = _AROUND.sub("", str(failure))
    cause = _CAUSE.search(str(failure)) if _TASK in words else None
    words = textwrap.shorten(cause.group(1) if cause else words, 800, placeholder=" ...").removesuffix(".")
    return f"{type(failure).__name__}: {words or 'no message'}. (--verbose logs the traceback)"
