# acceptance/harness/bare_socket.py: a WebSocket frame by frame, for what libraries do by themselves.
import os
import socket


class BareSocket:
    TEXT, PING, PONG = 1, 9, 10

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                            b"Sec-WebSocket-Protocol: plait.v1\r\n\r\n")
        self.stream = self.socket.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline().strip():
            pass

    def send(self, opcode, payload):
        """A whole frame of up to 125 bytes, masked as clients must."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def send_text(self, text):
        self.send(self.TEXT, text.encode())

    def next_frame(self):
        """(opcode, payload)"""
        first, length = self.stream.read(2)
        if length > 125:
            length = int.from_bytes(self.stream.read(2 if length == 126 else 8), "big")
        return first & 0x0f, self.stream.read(length)

    def close(self):
        self.socket.close()
