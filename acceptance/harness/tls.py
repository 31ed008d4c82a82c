# acceptance/harness/tls.py: a certificate authority of the test's own, and a listener that ends TLS before a gateway.
import socket
import ssl
import subprocess
import threading


class Authority:
    """Signs certificates; `certificate` is the file that a client would trust."""

    def __init__(self, folder, name="ca"):
        self.folder, self.certificate, self.key = folder, folder / f"{name}.pem", folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}",
                "-addext", "basicConstraints=critical,CA:TRUE")

    def sign(self, name, alternative, days=2):
        """A server's (certificate, key) for `alternative`, like DNS:localhost or IP:127.0.0.1."""
        request, certificate, key = (self.folder / f"{name}.{end}" for end in ("csr", "crt", "pem"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {words[0]}: {done.stdout}")


class TlsProxy:
    """Takes TLS on a free loopback port and passes the bytes on to another one."""

    def __init__(self, pair, target_port):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*pair)
        self.target_port, self.taken = target_port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        try:
            client = self.context.wrap_socket(plain, server_side=True)
        except (ssl.SSLError, OSError):
            plain.close()
            return
        self.taken += 1
        try:
            gateway = socket.create_connection(("127.0.0.1", self.target_port))
        except OSError:  # it is down, as a test wants it
            client.close()
            return
        with client, gateway:
            pump = threading.Thread(target=copy, args=(client, gateway), daemon=True)
            pump.start()
            copy(gateway, client)
            pump.join()

    def close(self):
        self.listener.close()


def copy(source, target):
    """Until one side ends; then both do."""
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
