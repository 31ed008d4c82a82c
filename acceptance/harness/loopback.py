# acceptance/harness/loopback.py: a private server's Unix socket as a loopback port, for clients that know TCP alone.
import contextlib
import socket
import socketserver
import threading


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def loopback_port(unix_socket):
    """The port, as long as the context is open."""
    class Forward(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(unix_socket)
                back = threading.Thread(target=pump, args=(server, self.request), daemon=True)
                back.start()
                pump(self.request, server)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forward) as listener:
        listener.daemon_threads = True
        serving = threading.Thread(target=listener.serve_forever, daemon=True)
        serving.start()
        try:
            yield listener.server_address[1]
        finally:
            listener.shutdown()
            serving.join()
