"""What went wrong in a job, in one paragraph for people."""

from __future__ import annotations

import re
import textwrap

from buzzsaw.errors import BuzzsawError, IoError
from buzzsaw.spark import error_of

#: What Spark puts around the words of a failure: the name of a call, and frames of Java and Python stacks.
_AROUND = re.compile(r"^An error occurred while calling \S+\n: |^\tat (?s:.*)|^Traceback \(.*\n|^ .*\n", re.MULTILINE)

#: A failed task, which Spark 3.5 puts around the words of what failed there, and those words.
_TASK, _CAUSE = "Job aborted due to stage failure", re.compile(r"^Caused by: (.*)", re.MULTILINE)


#: What the system says of a full disk, whoever wrote to it.
NO_SPACE = "No space left on device"


def error_behind(failure: Exception) -> BuzzsawError | None:
    """The error of this library behind a failure of a job, as `error_of`, and one for a disk of Spark that is full."""
    error = error_of(failure)
    if error is None and NO_SPACE in str(failure):
        return IoError.of(
            "no space is left on a disk that Spark writes to while it computes",
            place="spark.local.dir",
            hint="make room there, on the driver and on each worker, and run the date again",
        )
    return error


def paragraph(failure: Exception) -> str:
    """A failure of a job in one paragraph for people."""
    error = error_behind(failure)
    if error is not None:
        return " ".join(line if line.endswith((".", ")")) else line + "." for line in str(error).splitlines())
    words = _AROUND.sub("", str(failure))
    cause = _CAUSE.search(str(failure)) if _TASK in words else None
    words = textwrap.shorten(cause.group(1) if cause else words, 800, placeholder=" ...").removesuffix(".")
    return f"{type(failure).__name__}: {words or 'no message'}. (--verbose logs the traceback)"
