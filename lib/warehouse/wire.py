"""Frames between the warehouse and its child process: a head in JSON and rows as an Arrow stream.

Nothing that is read becomes code (no pickle), so a child that was taken over can only lie.
"""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

_SIZES: Final = struct.Struct("!IQ")
_EMPTY: Final = pa.py_buffer(b"")

Head = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """What came in one piece."""

    head: Head
    body: pa.Buffer

    def rows(self) -> pa.Table:
        """Return the rows in the body, without copying them."""
        with pa.ipc.open_stream(self.body) as reader:
            return reader.read_all()

    def batches(self) -> list[pa.RecordBatch]:
        """Return the rows in the body as they were packed, an empty batch too."""
        with pa.ipc.open_stream(self.body) as reader:
            return list(reader)


def pack(rows: pa.Table | pa.RecordBatch) -> pa.Buffer:
    """Return rows as the body of a frame."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write(rows)
    return sink.getvalue()


def send(line: socket.socket, head: Head, body: pa.Buffer = _EMPTY) -> None:
    """Send one frame, waiting while the other side is busy.

    Raises:
        OSError: the other side has gone.
    """
    told = json.dumps(head).encode()
    line.sendall(_SIZES.pack(len(told), body.size) + told)
    if body.size:
        line.sendall(memoryview(body))


def receive(line: socket.socket) -> Frame | None:
    """Wait for a frame; None when the other side has gone, in the middle of one too."""
    try:
        sizes = _exactly(line, _SIZES.size)
        if sizes is None:
            return None
        head_size, body_size = _SIZES.unpack(memoryview(sizes))
        head, body = _exactly(line, head_size), _exactly(line, body_size)
    except OSError:
        return None
    if head is None or body is None:
        return None
    return Frame(json.loads(memoryview(head).tobytes()), body)


def _exactly(line: socket.socket, size: int) -> pa.Buffer | None:
    buffer = pa.allocate_buffer(size)
    rest = memoryview(buffer).cast("B")
    while rest:
        got = line.recv_into(rest, len(rest), socket.MSG_WAITALL)
        if not got:
            return None
        rest = rest[got:]
    return buffer
