# SPDX-License-Identifier: ISC
"""A certification authority for tests, by openssl(1)."""

import os
import subprocess


class CertificateAuthority:
    def __init__(self, directory, name="rrdnsd test CA", clock=None):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.cert = f"{self.directory}/ca.pem"
        self.key = f"{self.directory}/ca.key"
        self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", self.key, "-out", self.cert, "-days", "30",
            "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE", clock=clock,
        )  # fmt: skip

    def openssl(self, *argv, clock=None):
        argv = ["openssl", *argv]
        if clock:
            argv = ["faketime", "-f", clock, *argv]
        subprocess.run(argv, check=True, capture_output=True)

    def issue(self, name, days=10, clock=None):
        """(certificate, key) for a host name or an IPv4 address; clock "-20d"
        makes an old one."""
        base = f"{self.directory}/{name}{clock or ''}.{days}"
        extensions = f"{base}.ext"
        with open(extensions, "w") as f:
            kind = "IP" if name.replace(".", "").isdigit() else "DNS"
            f.write(f"subjectAltName={kind}:{name}\n")
        self.openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}",
        )  # fmt: skip
        self.openssl(
            "x509", "-req", "-in", f"{base}.csr", "-CA", self.cert, "-CAkey", self.key,
            "-CAcreateserial", "-out", f"{base}.pem", "-days", str(days),
            "-extfile", extensions, clock=clock,
        )  # fmt: skip
        return f"{base}.pem", f"{base}.key"
