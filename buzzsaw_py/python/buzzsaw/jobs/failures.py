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
_NO_SPACE = "No space left on device"
#: What Spark's words have where it was one that it computes on: names of its files, and of what writes them.
_SCRATCH = re.compile(r"blockmgr-|DiskBlockObjectWriter|DiskBlockManager|DiskStore|ShuffleWriter|SpillWriter")


def full_disk(failure: BaseException, place: str) -> IoError | None:
    """The error of a disk that is full, `None` for any other failure.

    Args:
        failure: What Spark or the system raised.
        place: What was being written, unless it was one of Spark's own files.
    """
    said = str(failure)
    if _NO_SPACE not in said:
        return None
    if _SCRATCH.search(said):
        message = "no space is left on a disk that Spark writes to while it computes"
        hint = "make room there, on the driver and on each worker, and run the date again"
        return IoError.of(message, place="spark.local.dir", hint=hint)
    return IoError.of("no space is left on the device", place=place, hint="make room and run the date again")


def error_behind(failure: Exception) -> BuzzsawError | None:
    """The error of this library behind a failure of a job, as `error_of`, and one for a disk that is full."""
    file = failure.filename if isinstance(failure, OSError) else None
    return error_of(failure) or full_disk(failure, str(file or ""))


def paragraph(failure: Exception) -> str:
    """A failure of a job in one paragraph for people."""
    error = error_behind(failure)
    if error is not None:
        return " ".join(line if line.endswith((".", ")")) else line + "." for line in str(error).splitlines())
    words = _AROUND.sub("", str(failure))
    cause = _CAUSE.search(str(failure)) if _TASK in words else None
    words = textwrap.shorten(cause.group(1) if cause else words, 800, placeholder=" ...").removesuffix(".")
    return f"{type(failure).__name__}: {words or 'no message'}. (--verbose logs the traceback)"
