"""Files of the file systems that Spark reaches by a scheme: `hdfs`, `s3a`, `abfss`, `gs` and others.

Spark's own Hadoop classes read and write them, with the session's settings and credentials. What must never be replaced
is written by the log store that Delta has for the file system: of several writers at once one wins, as with a commit.
"""

from __future__ import annotations

import errno
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from py4j.java_gateway import is_instance_of  # type: ignore[import-untyped]
from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from buzzsaw.errors import InvalidValueError, IoError, MissingInputError
from buzzsaw.jobs.stages import reach

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+:(?://[^/]*)?)(/.*)?")

#: Delta's log stores that write any file as they write commits. Others, such as the one of DynamoDB, count on the names
#: that only commits have.
_STORES = {f"io.delta.storage.{name}LogStore" for name in ("Azure", "GCS", "HDFS", "OracleCloud", "S3SingleDriver")}

#: What Java throws for a name that is taken.
_TAKEN = ("java.nio.file.FileAlreadyExistsException", "org.apache.hadoop.fs.FileAlreadyExistsException")

#: What HDFS says of a path below a file, by exceptions of several kinds.
_BELOW_A_FILE = "is not a directory"


_HINT = "Spark's session must have what the file system needs: its address, its connector's jars and your credentials"


def delta_is_missing() -> MissingInputError:
    """The error of a session without Delta's jars."""
    return MissingInputError.of(
        "Delta Lake's jars are not on Spark's class path",
        place="spark.jars",
        hint="start the job as docs/nightly.md and docs/labels.md say, with the jars of Delta for this Spark",
    )


class HadoopPath:
    """A path with a scheme, with as much of `pathlib.Path` as the jobs use.

    Its methods raise `IoError` with what the file system says; those that read, `FileNotFoundError` and
    `NotADirectoryError` as `pathlib.Path` does.
    """

    def __init__(self, session: SparkSession, uri: str) -> None:
        parts = _PARTS.fullmatch(uri)
        if parts is None:
            raise InvalidValueError.of("the path has no scheme", place=uri, hint="give one as `hdfs://name/folder`")
        self._session = session
        self._root = parts[1]
        self._at = PurePosixPath(parts[2] or "/")

    def __str__(self) -> str:
        return f"{self._root}{self._at}"

    def __repr__(self) -> str:
        return f"HadoopPath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HadoopPath) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __truediv__(self, name: str) -> HadoopPath:
        return self._with(self._at / name)

    @property
    def name(self) -> str:
        """The last part; empty for the root."""
        return self._at.name

    @property
    def parent(self) -> HadoopPath:
        """The folder it is in; the root's is the root."""
        return self._with(self._at.parent)

    def with_suffix(self, suffix: str) -> HadoopPath:
        """The path with another ending, `.json` for example."""
        return self._with(self._at.with_suffix(suffix))

    def qualified(self) -> HadoopPath:
        """The path with the name of the session's own file system, where it has none of its own: `hdfs:///a`."""
        with self._asking("reach"):
            return HadoopPath(self._session, self._files().makeQualified(self._java()).toString())

    def read_bytes(self) -> bytes:
        """The bytes of the file."""
        with self._asking("read", reading=True):
            stream = self._files().open(self._java())
            try:
                return bytes(self._jvm().org.apache.commons.io.IOUtils.toByteArray(stream))
            finally:
                stream.close()

    def folders_with(self, name: str) -> list[str]:
        """The names of the folders in this one that hold a file of that name; none where there is no such folder."""
        found: list[str] = []
        try:
            with self._asking("list", reading=True):
                # One listing, where an object store would be asked once for each folder.
                below = self._files().listFiles(self._java(), True)
                while below.hasNext():
                    path = below.next().getPath()
                    if path.getName() == name:
                        at = PurePosixPath(path.toUri().getPath())
                        if at.parent.parent == self._at:
                            found.append(at.parent.name)
        except (FileNotFoundError, NotADirectoryError) as error:
            if self._exists():
                hint = "nothing is wrong with what is there: ask again"
                raise IoError.of("a folder went away while it was listed", place=str(self), hint=hint) from error
            return []
        return found

    def check_writable(self) -> None:
        """Asks the nearest folder that there is, as `buzzsaw.jobs.storage.check_writable`."""
        if self._is_seen_in_part(self._store()):
            with self._asking("reach"):
                self._context()
        there = self
        while not there._exists():
            if there == there.parent:
                hint = "make it, or give another output"
                raise IoError.of("there is no such bucket, container or file system", place=str(there), hint=hint)
            there = there.parent
        with there._asking("write"):
            files = there._files()
            if not files.getFileStatus(there._java()).isDirectory():
                raise IoError.of("the output is not a folder", place=str(there), hint="give a folder")
            files.access(there._java(), there._jvm().org.apache.hadoop.fs.permission.FsAction.WRITE_EXECUTE)

    def put_if_absent(self, text: str) -> bool:
        """Writes text that ends with a line, unless there is a file; says whether it did.

        Of several writers at once one wins, and what it wrote appears whole, as far as Delta's log store of the file
        system promises that of commits.
        """
        store, jvm = self._store(), self._jvm()
        # The store ends each line that it is given.
        lines = jvm.java.util.ArrayList()
        lines.add(text.removesuffix("\n"))
        reach(f"{self.name}: before it is put")
        with self._asking("write"):
            self._files().mkdirs(self.parent._java())
            try:
                store.write(self._java(), jvm.PythonUtils.toSeq(lines).iterator(), False, self._configuration())
            except Py4JJavaError as error:
                if error.java_exception.getClass().getName() in _TAKEN:
                    return False
                raise
        return True

    def put_file(self, local: Path) -> None:
        """Makes it what a local file is, replacing an older one; what is seen is whole.

        HDFS replaces in one step; elsewhere there may be no file for a moment.
        """
        store = self._store()
        with self._asking("write"):
            files, path = self._files(), self._jvm().org.apache.hadoop.fs.Path
            files.mkdirs(self.parent._java())
            source = path(f"file:{local.resolve()}")
            if not self._is_seen_in_part(store):
                reach(f"{self.name}: before it is put")
                files.copyFromLocalFile(False, True, source, self._java())
                return
            aside = (self.parent / f".{self.name}.{uuid.uuid4().hex}")._java()
            try:
                files.copyFromLocalFile(False, True, source, aside)
                reach(f"{self.name}: written aside")
                self._rename(aside)
            except BaseException:
                # What went wrong before is what is told.
                with suppress(Py4JError, PySparkException):
                    files.delete(aside, False)
                raise

    def _rename(self, aside: Any) -> None:
        """Gives what was written aside this name."""
        hadoop = self._jvm().org.apache.hadoop.fs
        overwrite = self._gateway().new_array(getattr(hadoop, "Options$Rename"), 1)
        overwrite[0] = getattr(hadoop, "Options$Rename").OVERWRITE
        self._context().rename(aside, self._java(), overwrite)

    def _context(self) -> Any:
        hadoop = self._jvm().org.apache.hadoop.fs
        return hadoop.FileContext.getFileContext(self._java().toUri(), self._configuration())

    def _is_seen_in_part(self, store: Any) -> bool:
        """Whether a file is seen before it is whole."""
        with self._asking("reach"):
            return bool(store.isPartialWriteVisible(self._java(), self._configuration()))

    def _store(self) -> Any:
        """Delta's log store of the file system.

        Raises:
            InvalidValueError: for one that is not known to write other files than commits.
            MissingInputError: when Spark runs without Delta's jars.
        """
        with self._asking("reach"):
            whole = getattr(self._jvm().org.apache.spark.sql.delta.storage, "LogStore$")
            try:
                store = own = getattr(whole, "MODULE$").apply(self._session._jsparkSession)
            except TypeError as error:  # what py4j makes of a class that is not there
                raise delta_is_missing() from error
            if own.getClass().getSimpleName() == "DelegatingLogStore":
                own = own.getDelegate(self._java())
            if own.getClass().getSimpleName() == "LogStoreAdaptor":
                own = own.logStoreImpl()
            kind: str = own.getClass().getName()
        if kind not in _STORES:
            raise InvalidValueError.of(
                f"Delta's log store is {kind} there, which is not known to write other files than commits",
                place=str(self),
                hint="give an output elsewhere, or let Delta have its own log store (spark.delta.logStore)",
            )
        return store

    def _exists(self) -> bool:
        with self._asking("reach"):
            try:
                return bool(self._files().exists(self._java()))
            except Py4JJavaError as error:
                if _BELOW_A_FILE in _words(error):
                    return False
                raise

    def _with(self, at: PurePosixPath) -> HadoopPath:
        return HadoopPath(self._session, f"{self._root}{at}")

    def _gateway(self) -> Any:
        return self._session.sparkContext._gateway

    def _jvm(self) -> Any:
        return self._session._jvm

    def _configuration(self) -> Any:
        return self._session._jsparkSession.sessionState().newHadoopConf()

    def _java(self) -> Any:
        return self._jvm().org.apache.hadoop.fs.Path(str(self))

    def _files(self) -> Any:
        return self._java().getFileSystem(self._configuration())

    @contextmanager
    def _asking(self, what: str, *, reading: bool = False) -> Iterator[None]:
        """Turns what Java throws into the errors of this class."""
        try:
            yield
        except Py4JJavaError as error:
            words = _words(error)
            if reading and _BELOW_A_FILE in words:
                raise NotADirectoryError(errno.ENOTDIR, "a folder above is a file", str(self)) from error
            if reading and is_instance_of(self._gateway(), error.java_exception, "java.io.FileNotFoundException"):
                raise FileNotFoundError(errno.ENOENT, "there is no such file", str(self)) from error
            raise IoError.of(f"cannot {what}: {words}", place=str(self), hint=_HINT) from error
        except PySparkException as error:
            words = _first_line(str(error)) or type(error).__name__
            raise IoError.of(f"cannot {what}: {words}", place=str(self), hint=_HINT) from error


def _words(error: Py4JJavaError) -> str:
    """What a Java exception says, in one line."""
    thrown = error.java_exception
    return _first_line(thrown.getMessage() or "") or str(thrown.getClass().getSimpleName())


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
