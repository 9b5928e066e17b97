# SPDX-License-Identifier: Apache-2.0
"""Certificates for a server and its clients, made with openssl for the time of a test."""
import os
import subprocess

CONFIG = """
[ca]
default_ca = own
[own]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[req]
distinguished_name = none
prompt = no
[none]
"""
NOW = ("20200101000000Z", "20990101000000Z")
PAST = ("20200101000000Z", "20210101000000Z")
FUTURE = ("20980101000000Z", "20990101000000Z")


class Authority:
    """A certificate authority in a folder; certificate NAME is NAME.crt with its key NAME.key."""

    def __init__(self, folder, name):
        self.folder, self.name = os.path.join(folder, name), name
        os.makedirs(self.folder)
        for file, text in (("index", ""), ("serial", "1000"),
                           ("config", CONFIG.format(folder=self.folder))):
            with open(self.path(file), "w", encoding="ascii") as written:
                written.write(text + "\n" if text else "")
        self.crt, self.key = self.self_signed("ca", "CA:TRUE", "an authority")

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *args):
        done = subprocess.run(["openssl", *args], stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise OSError("openssl %s: %s" % (" ".join(args), done.stdout.decode()))

    def new_key(self, name):
        key = self.path(name + ".key")
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-out", key)
        os.chmod(key, 0o600)
        return key

    def self_signed(self, name, constraints, common_name, alternatives=""):
        """Signed by itself alone."""
        key, crt = self.new_key(name), self.path(name + ".crt")
        extensions = ["-addext", "subjectAltName=" + alternatives] if alternatives else []
        self.openssl("req", "-x509", "-new", "-key", key, "-out", crt, "-days", "3650", "-config",
                     self.path("config"), "-subj", "/CN=" + common_name, "-addext",
                     "basicConstraints=critical," + constraints, *extensions)
        return crt, key

    def sign(self, name, common_name, alternatives="", period=NOW):
        key, crt, request = self.new_key(name), self.path(name + ".crt"), self.path(name + ".csr")
        extensions = self.path(name + ".ext")
        with open(extensions, "w", encoding="ascii") as file:
            file.write("basicConstraints=critical,CA:FALSE\n")
            if alternatives:
                file.write("subjectAltName=%s\n" % alternatives)
        self.openssl("req", "-new", "-key", key, "-out", request, "-subj", "/CN=" + common_name,
                     "-config", self.path("config"))
        self.openssl("ca", "-batch", "-notext", "-config", self.path("config"), "-in", request,
                     "-out", crt, "-cert", self.crt, "-keyfile", self.key, "-extfile", extensions,
                     "-startdate", period[0], "-enddate", period[1])
        return crt, key

    def der_key(self, name):
        """The key as pgjdbc wants it: PKCS#8 in DER."""
        out = self.path(name + ".pk8")
        self.openssl("pkcs8", "-topk8", "-inform", "PEM", "-in", self.path(name + ".key"),
                     "-outform", "DER", "-nocrypt", "-out", out)
        os.chmod(out, 0o600)
        return out

    def locked_key(self, name, password):
        """The same, encrypted; PBES1, which old and new readers know."""
        out = self.path(name + ".locked.pk8")
        self.openssl("pkcs8", "-topk8", "-inform", "PEM", "-in", self.path(name + ".key"),
                     "-outform", "DER", "-v1", "PBE-SHA1-3DES", "-passout", "pass:" + password,
                     "-out", out)
        os.chmod(out, 0o600)
        return out
