"""A mail server on loopback that speaks enough SMTP, encrypts as asked, and misbehaves on demand."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True)
class Delivered:
    """One message taken.

    Attributes
    ----------
    is_encrypted : bool
        Whether it came over TLS.
    user, password : str
        What was logged in with; empty for none.
    sender : str
        Of the envelope.
    recipients : list of str
        Of the envelope.
    message : EmailMessage
        What was sent.
    """

    is_encrypted: bool
    user: str
    password: str
    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass(slots=True)
class Manners:
    """How the server behaves.

    Attributes
    ----------
    context : ssl.SSLContext or None
        What it encrypts with; None offers no encryption.
    is_tls_first : bool
        Whether it is encrypted from the first byte.
    answer : Callable
        Told each line, e.g. ``"RCPT TO:<a@b>"``; what it returns is answered instead, unless it is None.
    """

    context: ssl.SSLContext | None = None
    is_tls_first: bool = False
    answer: Callable[[str], str | None] = lambda _line: None


@dataclass(slots=True)
class MailServer:
    """A running server.

    Attributes
    ----------
    port : int
        Where it listens.
    delivered : list of Delivered
        What it took.
    lines : list of str
        Every line it heard, by any client.
    """

    port: int
    delivered: list[Delivered] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


@contextmanager
def running_mail_server(manners: Manners) -> Iterator[MailServer]:
    """Run a server until the end of the block."""
    kept: list[MailServer] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                session = _Session(self.request, manners, kept[0])
            except OSError:
                return  # the client refused our certificate, as it may
            try:
                session.run()
            except (OSError, EOFError):
                return  # the client went
            finally:
                session.close()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = False

    with Server(("127.0.0.1", 0), Handler) as server:
        kept.append(MailServer(server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="mail-server")
        thread.start()
        try:
            yield kept[0]
        finally:
            server.shutdown()
            thread.join()


class _Session:
    """One client's conversation."""

    def __init__(self, connection, manners: Manners, server: MailServer) -> None:
        self._connection = connection
        self._manners = manners
        self._server = server
        self._is_encrypted = False
        self._user = self._password = self._sender = ""
        self._recipients: list[str] = []
        self._is_over = False
        self._reader = connection.makefile("rb")
        if manners.is_tls_first:
            self._encrypt()

    def close(self) -> None:
        """Let the client go."""
        self._reader.close()
        self._connection.close()

    def run(self) -> None:
        self._say(self._manners.answer("CONNECT") or "220 test ESMTP")
        while not self._is_over:
            line = self._hear()
            self._server.lines.append(line)
            told = self._manners.answer(line)
            if told == "":
                return  # hangs up
            if told is not None:
                self._say(told)
                continue
            getattr(self, f"_{line.split(' ', 1)[0].lower()}", self._unknown)(line)

    def _ehlo(self, _line: str) -> None:
        offers = ["250-test"]
        if self._manners.context is not None and not self._is_encrypted:
            offers.append("250-STARTTLS")
        offers += ["250-AUTH PLAIN"] if self._is_encrypted else []
        self._say("\r\n".join([*offers, "250 8BITMIME"]))

    def _starttls(self, _line: str) -> None:
        self._say("220 go ahead")
        self._encrypt()

    def _auth(self, line: str) -> None:
        _empty, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        self._user, self._password = user, password
        self._say("235 welcome")

    def _mail(self, line: str) -> None:
        self._sender, self._recipients = _address(line), []
        self._say("250 ok")

    def _rcpt(self, line: str) -> None:
        self._recipients.append(_address(line))
        self._say("250 ok")

    def _data(self, _line: str) -> None:
        self._say("354 go on")
        body = []
        while (line := self._reader.readline()) != b".\r\n":
            if not line:
                raise EOFError
            body.append(line[1:] if line.startswith(b".") else line)
        message = message_from_bytes(b"".join(body), policy=policy.default)
        self._server.delivered.append(
            Delivered(self._is_encrypted, self._user, self._password, self._sender, self._recipients, message)
        )
        self._say("250 taken")

    def _rset(self, _line: str) -> None:
        self._say("250 ok")

    def _quit(self, _line: str) -> None:
        self._say("221 bye")
        self._is_over = True

    def _unknown(self, _line: str) -> None:
        self._say("502 not known")

    def _encrypt(self) -> None:
        self._reader.close()
        self._connection = self._manners.context.wrap_socket(self._connection, server_side=True)
        self._reader = self._connection.makefile("rb")
        self._is_encrypted = True

    def _hear(self) -> str:
        line = self._reader.readline()
        if not line:
            raise EOFError
        verb, blank, rest = line.decode().strip().partition(" ")
        return verb.upper() + blank + rest

    def _say(self, text: str) -> None:
        self._connection.sendall(text.encode() + b"\r\n")


def _address(line: str) -> str:
    return line[line.index("<") + 1 : line.index(">")]
