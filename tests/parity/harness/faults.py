"""Planted faults, of which the harness must say that they are there.

`flip` changes one bit of an artifact's state, with every checksum made right again: a runtime that gets it computes
really different values, as it would after a miscompilation or a torn read. The others change what a runtime answered.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pyarrow as pa

from harness.task import Rows

_MANIFEST = "manifest.json"


def flip(artifact: Path, target: Path, entry: str, column: str, bit: int = 0) -> None:
    """Writes `artifact` to `target` with one bit of the first value of a float64 column of `entry` flipped."""
    raw = bytearray(artifact.read_bytes())
    with zipfile.ZipFile(BytesIO(bytes(raw))) as archive:
        table, manifest = archive.read(entry), archive.read(_MANIFEST)
        places = {info.filename: _data_at(raw, info) for info in archive.infolist()}
        central = archive.start_dir
    value = pa.ipc.open_file(table).read_all().column(column)[0].as_py()
    word = struct.pack("<d", value)
    if table.count(word) != 1:
        raise ValueError(f"{value!r} is not once in {entry}: choose another column")
    changed = bytearray(table)
    changed[table.index(word) + bit // 8] ^= 1 << bit % 8
    told = manifest.replace(_sha(table), _sha(bytes(changed)))
    old = _content_hash(manifest)
    new = _content_hash(told)
    if manifest.count(old) != 1:
        raise ValueError("the manifest's content hash is not what its entries make")
    told = told.replace(old, new)
    for name, data in ((entry, bytes(changed)), (_MANIFEST, told)):
        raw[places[name] : places[name] + len(data)] = data
        _write_crc(raw, central, name, zlib.crc32(data))
    target.write_bytes(raw)


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def _content_hash(manifest: bytes) -> bytes:
    entries = json.loads(manifest)["entries"]
    listed = "".join(f"{e['name']}\n{e['sha256']}\n" for e in sorted(entries, key=lambda e: e["name"].encode()))
    return _sha(listed.encode())


def _data_at(raw: bytes | bytearray, info: zipfile.ZipInfo) -> int:
    name, extra = struct.unpack_from("<HH", raw, info.header_offset + 26)
    return info.header_offset + 30 + name + extra


def _write_crc(raw: bytearray, central: int, name: str, crc: int) -> None:
    with zipfile.ZipFile(BytesIO(bytes(raw))) as archive:
        header = archive.getinfo(name).header_offset
    struct.pack_into("<I", raw, header + 14, crc)
    at = central
    while raw[at : at + 4] == b"PK\x01\x02":
        lengths = struct.unpack_from("<HHH", raw, at + 28)
        if raw[at + 46 : at + 46 + lengths[0]] == name.encode():
            struct.pack_into("<I", raw, at + 16, crc)
            return
        at += 46 + sum(lengths)
    raise ValueError(f"{name} is not in the directory")


def misprint(rows: Rows) -> None:
    """Another fingerprint over right bytes."""
    _flip(rows, "fingerprints", 2)


def misserve(rows: Rows) -> None:
    """A training row with another fingerprint as served."""
    _flip(rows, "served", 2)


def unserve(rows: Rows) -> None:
    """Training rows without the fingerprints that they have as served."""
    rows.served = None


def misexplain(rows: Rows) -> None:
    """One explanation with another character."""
    rows.explained[1] = rows.explained[1].replace(":", ";", 1)


def unexplain(rows: Rows) -> None:
    """One explanation less."""
    rows.explained.pop()


def _flip(rows: Rows, field: str, row: int) -> None:
    """Changes the last bit of a fingerprint."""
    changed = getattr(rows, field).copy()
    changed[row] ^= 1
    setattr(rows, field, changed)
