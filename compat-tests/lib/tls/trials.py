# SPDX-License-Identifier: Apache-2.0
"""Which connections are tried, as data, and what may become of each.

An outcome is "tls", "plain" or "refused".  What real Flyway does is recorded; the rules below are
written down from the documentation of its driver, and hold for both.
"""
import collections

# server: the certificate of the server, or off.  user: who connects.  parameters: of the URL.
Trial = collections.namedtuple("Trial", "name server user parameters")

SERVERS = ("good", "wrong-host", "expired", "future", "self-signed", "unknown-ca", "off")
VALID = ("good", "wrong-host")      # signed by the authority, at this time
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
WRONG_MODES = ("", "verify_full", "verifyfull", "true", "on", "required", "verify-full ")
OTHER_CASE = ("VERIFY-FULL", "Require", "Disable")
ROOTS = {"ca": "@CA@", "other ca": "@OTHER@", "no file": "@NONE@", "no certificate": "@TEXT@"}
FACTORIES = ("org.postgresql.ssl.NonValidatingFactory", "org.postgresql.ssl.LibPQFactory",
             "org.postgresql.ssl.DefaultJavaSSLFactory", "org.postgresql.ssl.NoSuchFactory", "")
CA = {"sslrootcert": "@CA@"}
CLIENTS = {
    "none": {},
    "good": {"sslcert": "@CLIENT@.crt", "sslkey": "@CLIENT@.pk8"},
    "another user": {"sslcert": "@STRANGER@.crt", "sslkey": "@STRANGER@.pk8"},
    "of another authority": {"sslcert": "@FOREIGN@.crt", "sslkey": "@FOREIGN@.pk8"},
    "expired": {"sslcert": "@OLD@.crt", "sslkey": "@OLD@.pk8"},
    "key of another": {"sslcert": "@CLIENT@.crt", "sslkey": "@STRANGER@.pk8"},
    "without its key": {"sslcert": "@CLIENT@.crt", "sslkey": "@NONE@"},
    "without a certificate": {"sslcert": "@NONE@", "sslkey": "@CLIENT@.pk8"},
    "locked": {"sslcert": "@CLIENT@.crt", "sslkey": "@CLIENT@.locked.pk8",
               "sslpassword": "open sesame"},
    "locked, wrong password": {"sslcert": "@CLIENT@.crt", "sslkey": "@CLIENT@.locked.pk8",
                               "sslpassword": "open"},
    "that others can read": {"sslcert": "@CLIENT@.crt", "sslkey": "@READABLE@.pk8"},
}


def named(name, server, user, **parameters):
    return Trial(name, server, user, parameters)


def modes():
    """Each mode at each server, with each kind of authority."""
    for server in SERVERS:
        for mode in MODES:
            yield named("%s, %s" % (server, mode), server, "any", sslmode=mode)
            for root, path in ROOTS.items():
                yield named("%s, %s, %s" % (server, mode, root), server, "any", sslmode=mode,
                            sslrootcert=path)
        yield named("%s, no mode" % server, server, "any", **CA)
        for ssl in ("true", "false", "", "TRUE", "1", "yes"):
            yield named("%s, ssl=%s" % (server, ssl), server, "any", ssl=ssl, **CA)
        yield named("%s, ssl=true and a mode" % server, server, "any", ssl="true",
                    sslmode="disable", **CA)
        yield named("%s, ssl=false and a mode" % server, server, "any", ssl="false",
                    sslmode="verify-full", **CA)
    for server in ("good", "off"):
        for mode in WRONG_MODES + OTHER_CASE:
            yield named("%s, mode '%s'" % (server, mode), server, "any", sslmode=mode, **CA)


def rules_of_the_server():
    """The server wants TLS of some users, and refuses it to others."""
    for user in ("tls-only", "plain-only"):
        for mode in MODES:
            yield named("%s, %s" % (user, mode), "good", user, sslmode=mode, **CA)
            yield named("%s, %s, TLS off" % (user, mode), "off", user, sslmode=mode, **CA)


def factories():
    for factory in FACTORIES:
        for mode in ("prefer", "require", "verify-ca", "verify-full", None):
            parameters = dict(CA, sslfactory=factory)
            parameters.update({"sslmode": mode} if mode else {"ssl": "true"})
            for server in ("good", "self-signed", "off"):
                yield Trial("factory '%s', %s, %s" % (factory.rpartition(".")[2], mode, server),
                            server, "any", parameters)


def clients():
    for user in ("certificate", "any"):
        for name, parameters in CLIENTS.items():
            yield Trial("%s, client %s" % (user, name), "good", user,
                        dict(parameters, sslmode="verify-full", **CA))
    for mode in MODES:
        yield Trial("certificate, client good, %s" % mode, "good", "certificate",
                    dict(CLIENTS["good"], sslmode=mode, **CA))


def channel_binding():
    for binding in ("require", "prefer", "disable", "Require", "maybe"):
        for user in ("scram", "md5", "any"):
            for server in ("good", "off"):
                mode = "prefer" if server == "off" else "verify-full"
                yield named("binding %s, %s, %s" % (binding, user, server), server, user,
                            channelBinding=binding, sslmode=mode, **CA)


def others():
    for server in ("good", "off"):
        for value in ("postgres", "direct", "Direct", "maybe"):
            yield named("negotiation %s, %s" % (value, server), server, "any",
                        sslNegotiation=value, sslmode="verify-full", **CA)
        for value in ("disable", "prefer", "require", "maybe"):
            yield named("gssEncMode %s, %s" % (value, server), server, "any", gssEncMode=value,
                        sslmode="verify-full", **CA)
        yield named("host name verifier, %s" % server, server, "any", sslmode="verify-full",
                    sslhostnameverifier="org.example.None", **CA)
        yield named("password callback, %s" % server, server, "any", sslmode="verify-full",
                    sslpasswordcallback="org.example.None", **CA)


def all_trials():
    for part in (modes, rules_of_the_server, factories, clients, channel_binding, others):
        yield from part()


def wanted(parameters):
    """The mode that is asked for: ssl counts where there is no sslmode."""
    if "sslmode" in parameters:
        return parameters["sslmode"].lower()
    if parameters.get("ssl") not in ("", "true", "TRUE"):
        return "prefer"
    factory = parameters.get("sslfactory", "")
    return "require" if factory.endswith("NonValidatingFactory") else "verify-full"


def is_verified(trial):
    """Does the authority that is named vouch for the server, at this time?"""
    root = {"@CA@": VALID, "@OTHER@": ("unknown-ca",)}
    return trial.server in root.get(trial.parameters.get("sslrootcert"), ())


def broken(trial, outcome):
    """The rule that this outcome breaks; None if there is none.  Refusing breaks no rule."""
    mode = wanted(trial.parameters)
    binding = trial.parameters.get("channelBinding", "").lower()
    rules = (
        (mode not in MODES, "a mode that does not exist is refused"),
        (mode in ("require", "verify-ca", "verify-full") and outcome == "plain",
         mode + " never means plain text"),
        (mode in ("verify-ca", "verify-full") and not is_verified(trial),
         mode + " checks who signed the certificate, and when"),
        (mode == "verify-full" and trial.server == "wrong-host",
         mode + " checks the name of the host"),
        (mode == "disable" and outcome == "tls", "disable means plain text"),
        (binding == "require" and (outcome == "plain" or trial.user != "scram"),
         "without TLS and SCRAM there is no channel to bind to"),
        (outcome == "tls" and trial.server == "off", "the server has no TLS"),
        (trial.user == "tls-only" and outcome == "plain", "the server wants TLS"),
        (trial.user == "plain-only" and outcome == "tls", "the server refuses TLS"),
    )
    if outcome == "refused":
        return None
    return next((rule for holds, rule in rules if holds), None)
