"""The server's half of a WebSocket (RFC 6455): as much as a Socket Mode client speaks."""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
from typing import BinaryIO

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SHORT, _MEDIUM = 126, 127
_LARGEST = 16 * 1024 * 1024


def accept_key(key: str) -> str:
    """The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()).decode()


class Closed(ConnectionError):
    """The other side has closed or gone."""


class Peer:
    """One open connection; ``send`` may be called from any thread, ``receive`` from one."""

    def __init__(self, reads: BinaryIO, writes: BinaryIO) -> None:
        self._reads = reads
        self._writes = writes
        self._sending = threading.Lock()

    def send(self, text: str) -> None:
        """Send one text message."""
        self._frame(TEXT, text.encode())

    def close(self, code: int = 1000) -> None:
        """Say goodbye; the other side closes the line."""
        self._frame(CLOSE, struct.pack("!H", code))

    def receive(self) -> str:
        """The next text message; pings are answered on the way. Raises Closed at the end."""
        parts: list[bytes] = []
        while True:
            final, opcode, data = self._read()
            if opcode == CLOSE:
                raise Closed
            if opcode == PING:
                self._frame(PONG, data)
            elif opcode != PONG:
                parts.append(data)
                if final:
                    return b"".join(parts).decode()

    def _read(self) -> tuple[bool, int, bytes]:
        one, two = self._exactly(2)
        length = two & 0x7F
        if length == _SHORT:
            (length,) = struct.unpack("!H", self._exactly(2))
        elif length == _MEDIUM:
            (length,) = struct.unpack("!Q", self._exactly(8))
        if length > _LARGEST:
            raise Closed
        mask = self._exactly(4) if two & 0x80 else b"\0\0\0\0"
        data = self._exactly(length)
        return bool(one & 0x80), one & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))

    def _exactly(self, count: int) -> bytes:
        data = self._reads.read(count)
        if len(data) < count:
            raise Closed
        return data

    def _frame(self, opcode: int, data: bytes) -> None:
        size = len(data)
        if size < _SHORT:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, _SHORT, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, _MEDIUM, size)
        with self._sending:
            self._writes.write(head + data)
            self._writes.flush()
