"""A certificate of our own for servers on this machine, and contexts that trust it or show it."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class TestPair:
    """Both ends of an encrypted connection on loopback.

    Attributes
    ----------
    server : ssl.SSLContext
        Shows the certificate.
    client : ssl.SSLContext
        Trusts it, and nothing else.
    """

    __test__ = False

    server: ssl.SSLContext
    client: ssl.SSLContext


def make_pair(folder: Path, *, host: str = "127.0.0.1") -> TestPair:
    """Return contexts around a new authority and a certificate of it for `host`."""
    x509 = pytest.importorskip("cryptography.x509", reason="makes the test's certificate")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    authority = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Plimsoll test authority")])

    def built(key, subject, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, critical=is_critical)
        return builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    root = built(keys[0], authority, [(x509.BasicConstraints(ca=True, path_length=0), True), (usage, True)])
    name = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    leaf = built(keys[1], x509.Name([]), [(name, True)])
    secret = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain, key_file = folder / "leaf.pem", folder / "leaf.key"
    chain.write_bytes(leaf)
    key_file.write_bytes(secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key_file)
    client = ssl.create_default_context(cadata=root.decode())
    return TestPair(server, client)
