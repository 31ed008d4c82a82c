# bench/latency/websocket.py: a small WebSocket client; the time that a library takes would be measured too.
import base64
import json
import os
import socket

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class WebSocket:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Protocol: plait.v1\r\n\r\n").encode())
        self.bytes = b""
        while b"\r\n\r\n" not in self.bytes:
            self.bytes += self._receive()
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise OSError(f"the gateway does not speak WebSocket: {head[:200]}")

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.socket.close()

    def send(self, message):
        self._send(TEXT, json.dumps(message).encode())

    def _send(self, opcode, payload):
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0xFE]) + len(payload).to_bytes(2, "big")
        self.socket.sendall(bytes([0x80 | opcode]) + size + b"\0\0\0\0" + payload)  # masked with zeros

    def _receive(self):
        received = self.socket.recv(1 << 18)
        if not received:
            raise OSError("the gateway closed the socket")
        return received

    def messages(self):
        """Waits for bytes once; the messages that are whole then, as bytes."""
        self.bytes += self._receive()
        texts, partial = [], b""
        while frame := self._frame():
            opcode, final, payload = frame
            if opcode == PING:
                self._send(PONG, payload)
            elif opcode == CLOSE:
                raise OSError(f"the gateway closed the socket: {payload[2:]}")
            else:
                partial += payload
                if final:
                    texts.append(partial)
                    partial = b""
        if partial:
            raise OSError("a message in several frames is not expected here")
        return texts

    def _frame(self):
        if len(self.bytes) < 2:
            return None
        size, start = self.bytes[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(self.bytes[2:start], "big")
        if len(self.bytes) < start + size:
            return None
        opcode, final = self.bytes[0] & 15, self.bytes[0] & 128
        payload, self.bytes = self.bytes[start:start + size], self.bytes[start + size:]
        return opcode, final, payload
