#!/usr/bin/env python3
"""Makes the data of the tests anew: CAs, people, signature files, time stamps, revocation lists, OCSP answers.

The data is kept beside this file, so the tests need neither this program nor what it needs: OpenSSL 3 with its engine
"gost" (Debian: libengine-gost-openssl). Every signature is made by OpenSSL, so the tests hold our reader and our
arithmetic against a program that shares nothing with them. All structures are written here by hand, since OpenSSL does
not know the country's object identifiers. Its signatures have the order of RFC 9215; the country's files have the
reverse. Keys are drawn anew by every run and thrown away.

For the old GOST the engine signs, but it lacks the S-box of the hash; that hash is computed here, see gost94().
"""

import atexit
import datetime
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

OUT = pathlib.Path(__file__).resolve().parent
WORK = pathlib.Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, WORK)
CONFIG = """openssl_conf = start
[start]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
default_algorithms = ALL
"""

# ---- DER ----


def length(count):
    if count < 128:
        return bytes([count])
    body = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(body)]) + body


def tlv(tag, *parts):
    body = b"".join(parts)
    return bytes([tag]) + length(len(body)) + body


def seq(*parts):
    return tlv(0x30, *parts)


def set_of(*parts):
    return tlv(0x31, *sorted(parts))


def octets(body):
    return tlv(4, body)


def bits(body):
    return tlv(3, b"\0" + body)


def integer(number):
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def enumerated(number):
    return tlv(10, bytes([number]))


def oid(text):
    numbers = [int(part) for part in text.split(".")]
    body = b""
    for number in [numbers[0] * 40 + numbers[1], *numbers[2:]]:
        groups = [number & 127]
        while number := number >> 7:
            groups.append(128 | number & 127)
        body += bytes(reversed(groups))
    return tlv(6, body)


NULL = b"\5\0"
TRUE = b"\1\1\xff"


def utc(text):
    return tlv(0x17, datetime.datetime.fromisoformat(text).strftime("%y%m%d%H%M%SZ").encode())


def generalized(text):
    return tlv(0x18, datetime.datetime.fromisoformat(text).strftime("%Y%m%d%H%M%SZ").encode())


# ---- OpenSSL ----


def openssl(*arguments, given=None):
    environment = dict(os.environ, OPENSSL_CONF=str(WORK / "openssl.cnf"))
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, env=environment)
    if done.returncode != 0:
        raise SystemExit(done.stderr.decode())
    return done.stdout


def gost94(message):
    """GOST R 34.11-94 with the test parameter of RFC 5831, zero start value."""
    box = [
        (4, 10, 9, 2, 13, 8, 0, 14, 6, 11, 1, 12, 7, 15, 5, 3),
        (14, 11, 4, 12, 6, 13, 15, 10, 2, 3, 8, 1, 0, 7, 5, 9),
        (5, 8, 1, 13, 10, 3, 4, 2, 14, 15, 12, 7, 6, 0, 9, 11),
        (7, 13, 10, 1, 0, 8, 9, 15, 14, 4, 6, 12, 11, 2, 5, 3),
        (6, 12, 7, 1, 5, 15, 13, 8, 4, 10, 9, 14, 0, 3, 11, 2),
        (4, 11, 10, 0, 7, 2, 1, 13, 3, 6, 8, 5, 9, 12, 15, 14),
        (13, 11, 4, 1, 3, 15, 5, 9, 0, 10, 14, 7, 6, 8, 2, 12),
        (1, 15, 13, 0, 5, 7, 10, 4, 9, 2, 3, 14, 6, 11, 8, 12),
    ]
    full = 2**256 - 1

    def encrypt(key, block):
        words = [key >> 32 * index & 0xFFFFFFFF for index in range(8)]
        low, high = block & 0xFFFFFFFF, block >> 32
        for word in words * 3 + words[::-1]:
            mixed = low + word & 0xFFFFFFFF
            mixed = sum(box[place][mixed >> 4 * place & 15] << 4 * place for place in range(8))
            mixed = (mixed << 11 | mixed >> 21) & 0xFFFFFFFF
            low, high = mixed ^ high, low
        return low << 32 | high

    def shift(value):
        return ((value & 2**64 - 1) ^ (value >> 64 & 2**64 - 1)) << 192 | value >> 64

    def permute(value):
        given = value.to_bytes(32, "little")
        return int.from_bytes(bytes(given[8 * (place % 4) + place // 4] for place in range(32)), "little")

    def stir(value, times):
        for _ in range(times):
            words = [value >> 16 * index & 0xFFFF for index in range(16)]
            new = words[0] ^ words[1] ^ words[2] ^ words[3] ^ words[12] ^ words[15]
            value = value >> 16 | new << 240
        return value

    third = int("ff00ffff000000ffff0000ff00ffff0000ff00ff00ff00ffff00ff00ff00ff00", 16)

    def step(state, block):
        first, second = state, block
        keys = [permute(first ^ second)]
        for constant in (0, third, 0):
            first = shift(first) ^ constant
            second = shift(shift(second))
            keys.append(permute(first ^ second))
        parts = [encrypt(key, state >> 64 * index & 2**64 - 1) for index, key in enumerate(keys)]
        mixed = sum(part << 64 * index for index, part in enumerate(parts))
        return stir(state ^ stir(block ^ stir(mixed, 12), 1), 61)

    state, total = 0, 0
    for at in range(0, len(message), 32):
        block = int.from_bytes(message[at : at + 32].ljust(32, b"\0"), "little")
        state, total = step(state, block), total + block & full
    state = step(step(state, len(message) * 8), total)
    return state.to_bytes(32, "little")


# ---- keys ----


class Key:
    """A key, and what is particular about its algorithm."""

    kinds = {
        "gost": ("gost2012_512", "paramset:A", "1.2.398.3.10.1.1.2.3.2", "1.2.398.3.10.1.3.3"),
        "old": ("gost2001", "paramset:A", "1.2.398.3.10.1.1.1.2", "1.2.398.3.10.1.3.1"),
        "rsa": ("RSA", "rsa_keygen_bits:2048", "1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.2.1"),
        "rsa4096": ("RSA", "rsa_keygen_bits:4096", "1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.2.1"),
    }
    count = 0

    def __init__(self, kind):
        Key.count += 1
        self.kind = kind
        self.path = str(WORK / f"key{Key.count}.pem")
        name, option, signature, digest = self.kinds[kind]
        openssl("genpkey", "-algorithm", name, "-pkeyopt", option, "-out", self.path)
        public = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")
        self.signature_algorithm, self.digest_algorithm = (seq(oid(one), NULL) for one in (signature, digest))
        if kind == "gost":
            parameters = seq(oid("1.2.398.3.10.1.1.2.2.1"), oid("1.2.398.3.10.1.3.3"))
            self.bits = octets(public[-128:])
            self.info = seq(seq(oid("1.2.398.3.10.1.1.2.2"), parameters), bits(self.bits))
        elif kind == "old":
            parameters = seq(oid("1.2.398.3.10.1.1.1.1.1"), oid("1.2.398.3.10.1.3.1.1.0"))
            self.bits = octets(public[-64:])
            self.info = seq(seq(oid("1.2.398.3.10.1.1.1.1"), parameters), bits(self.bits))
        else:
            self.info = public
            self.bits = public[public.index(b"\x03\x82") + 5 :]
        self.id = hashlib.sha1(self.bits).digest()

    def digest(self, message):
        if self.kind == "gost":
            return openssl("dgst", "-md_gost12_512", "-binary", given=message)
        return gost94(message) if self.kind == "old" else hashlib.sha256(message).digest()

    def sign(self, message):
        given = WORK / "given"
        if self.kind == "old":
            given.write_bytes(self.digest(message))
            return openssl("pkeyutl", "-sign", "-inkey", self.path, "-in", str(given))[::-1]
        given.write_bytes(message)
        if self.kind == "gost":
            return openssl("dgst", "-md_gost12_512", "-sign", self.path, str(given))[::-1]
        return openssl("dgst", "-sha256", "-sign", self.path, str(given))


# ---- certificates ----

EMAIL, CLIENT = "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2"
STAMPING, OCSP_SIGNING = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"
INDIVIDUAL, ORGANISATION, HEAD = "1.2.398.3.3.4.1.1", "1.2.398.3.3.4.1.2", "1.2.398.3.3.4.1.2.1"
EMPLOYEE = "1.2.398.3.3.4.1.2.5"


def extension(name, value, critical=False):
    return seq(oid(name), *([TRUE] if critical else []), octets(value))


def named(**parts):
    table = {"cn": "2.5.4.3", "surname": "2.5.4.4", "serial": "2.5.4.5", "c": "2.5.4.6", "o": "2.5.4.10"}
    table |= {"ou": "2.5.4.11", "patronymic": "2.5.4.42"}
    printable = {"serial", "c"}
    rdn = lambda key, text: set_of(seq(oid(table[key]), tlv(0x13 if key in printable else 12, text.encode())))
    return seq(*(rdn(key, text) for key, text in parts.items()))


class Certificate:
    count = 0x6C425659BD00

    def __init__(self, name, kind="gost", issuer=None, days=("2026-01-01", "2027-01-01"), **profile):
        Certificate.count += 1
        self.serial, self.name = Certificate.count, name
        self.key = profile.get("key") or Key(kind)
        self.issuer = issuer or self
        signer = profile.get("signed_by") or self.issuer.key
        extensions = []
        if "usage" in profile:
            extensions.append(extension("2.5.29.37", seq(*map(oid, profile["usage"])), profile.get("critical", False)))
        if profile.get("key_usage"):
            extensions.append(extension("2.5.29.15", bytes.fromhex(profile["key_usage"]), True))
        if profile.get("authority"):
            extensions.append(extension("2.5.29.19", seq(TRUE, *profile.get("path", [])), True))
        extensions.append(extension("2.5.29.32", seq(seq(oid("1.2.398.3.3.2")))))
        extensions.append(extension("2.5.29.14", octets(self.key.id)))
        if not profile.get("no_key_ids"):
            extensions.append(extension("2.5.29.35", seq(tlv(0x80, self.issuer.key.id))))
        if not profile.get("authority"):
            extensions.append(extension("1.2.398.3.3.5", seq(oid("1.2.398.3.3.5.1.1"))))
        if profile.get("strange"):
            extensions.append(extension("1.2.3.4", b"\5\0", True))
        validity = seq(*map(utc, days))
        body = seq(
            tlv(0xA0, integer(2)), integer(self.serial), signer.signature_algorithm, self.issuer.name, validity,
            name, self.key.info, tlv(0xA3, seq(*extensions)),
        )
        self.der = seq(body, signer.signature_algorithm, bits(signer.sign(body)))


def authority(name, kind="gost", issuer=None, **profile):
    days = profile.pop("days", ("2015-01-01", "2045-01-01"))
    profile = {"authority": True, "key_usage": "03020106"} | profile
    return Certificate(named(cn=name, c="KZ"), kind, issuer, days, **profile)


def person(issuer, number=1, bin_number=None, **profile):
    parts = {"cn": "ТЕСТОВ ТЕСТ", "surname": "ТЕСТОВ", "serial": f"IIN{900101300000 + number}", "c": "KZ"}
    if bin_number:
        parts |= {"o": 'ТОО "ТЕСТ"', "ou": f"BIN{bin_number}"}
    name = named(**parts, patronymic="ТЕСТОВИЧ")
    roles = [ORGANISATION, HEAD] if bin_number else [INDIVIDUAL]
    profile = {"usage": [EMAIL, *roles], "key_usage": "030203C8"} | profile
    if profile["usage"] is None:
        del profile["usage"]
    return Certificate(name, profile.pop("kind", issuer.key.kind.replace("4096", "")), issuer, **profile)


# ---- CMS ----

DATA, SIGNED, STAMP_INFO = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
STAMP, SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.14", "1.2.840.113549.1.9.16.2.47"


def attribute(name, *values):
    return seq(oid(name), set_of(*values))


def signer(certificate, content, **options):
    """One SignerInfo."""
    key = certificate.key
    named_type = options.get("type", DATA)
    attributes = [
        attribute(CONTENT_TYPE, oid(options.get("attribute_type", named_type))),
        attribute(SIGNING_TIME, utc("2026-06-01T10:00:00")),
        attribute(DIGEST, octets(key.digest(content))),
    ]
    if options.get("twice"):
        attributes.append(attribute(DIGEST, octets(key.digest(b"other"))))
    if options.get("names", True):
        said = options.get("names") or certificate
        said = certificate if said is True else said
        attributes.append(attribute(SIGNING_CERTIFICATE, seq(seq(seq(octets(hashlib.sha256(said.der).digest()))))))
    if "drop" in options:
        attributes = [one for one in attributes if oid(options["drop"]) not in one]
    signed = set_of(*attributes)
    bare = options.get("bare")
    signature = options.get("key", key).sign(content if bare else signed)
    algorithm = options.get("algorithm", key.signature_algorithm)
    parts = [
        integer(1), seq(certificate.issuer.name, integer(certificate.serial)),
        options.get("digest_algorithm", key.digest_algorithm),
        *([] if bare else [b"\xa0" + signed[1:]]), algorithm, octets(signature),
    ]
    tokens = [make(signature) for make in options.get("stamps", [])]
    if tokens:
        unsigned = attribute(STAMP, *tokens)
        parts.append(tlv(0xA1, unsigned))
    return seq(*parts)


def cms(content, signers, certificates, type=DATA, detached=False, algorithms=()):
    encapsulated = seq(oid(type), *([] if detached else [tlv(0xA0, octets(content))]))
    bag = [tlv(0xA0, *(one.der for one in certificates))] if certificates else []
    return seq(oid(SIGNED), tlv(0xA0, seq(integer(1), set_of(*algorithms), encapsulated, *bag, set_of(*signers))))


def stamp(stamper, time, **options):
    """Makes time stamps over signatures."""

    def make(signature):
        imprint = options.get("over") or signature
        digest = seq(stamper.key.digest_algorithm, octets(stamper.key.digest(imprint)))
        info = seq(integer(1), oid("1.2.398.3.3.2.6.2"), digest, integer(77), generalized(time), integer(5))
        one = signer(stamper, info, type=STAMP_INFO, **options.get("signer", {}))
        return cms(info, [one], [stamper, *options.get("more", [])], type=STAMP_INFO)

    return make


# ---- revocation ----


def crl(issuer, this, next_one, revoked=(), key=None, extra=(), named_as=None, of_entry=()):
    key = key or issuer.key
    entries = []
    for certificate, since, reason in revoked:
        said = seq(extension("2.5.29.21", enumerated(reason)), *of_entry)
        entries.append(seq(integer(certificate.serial), utc(since), said))
    extensions = seq(extension("2.5.29.35", seq(tlv(0x80, issuer.key.id))), extension("2.5.29.20", integer(7)), *extra)
    listed = [seq(*entries)] if entries else []
    body = seq(
        integer(1), key.signature_algorithm, named_as or issuer.name, utc(this), utc(next_one), *listed,
        tlv(0xA0, extensions),
    )
    return seq(body, key.signature_algorithm, bits(key.sign(body)))


def ocsp(certificate, responder, this, next_one, **options):
    issuer = certificate.issuer
    if options.get("sha1"):
        hashed, algorithm = (lambda body: hashlib.sha1(body).digest()), seq(oid("1.3.14.3.2.26"), NULL)
    else:
        hashed, algorithm = (lambda body: hashlib.sha256(body).digest()), seq(oid("2.16.840.1.101.3.4.2.1"), NULL)
    said = options.get("about", issuer)
    about = seq(algorithm, octets(hashed(said.name)), octets(hashed(said.key.bits)), integer(certificate.serial))
    state = options.get("state", b"\x80\0")
    until = [tlv(0xA0, generalized(next_one))] if next_one else []
    one = seq(about, state, generalized(this), *until)
    by_key = tlv(0xA2, octets(responder.key.id))
    by_name = tlv(0xA1, options.get("named_as", responder.name))
    who = by_key if options.get("by_key") else by_name
    body = seq(who, generalized(this), seq(one))
    key = options.get("key", responder.key)
    bag = [] if responder is issuer else [tlv(0xA0, seq(responder.der))]
    basic = seq(body, key.signature_algorithm, bits(key.sign(body)), *bag)
    return seq(enumerated(0), tlv(0xA0, seq(oid("1.3.6.1.5.5.7.48.1.1"), octets(basic))))


def revoked_state(since, reason):
    return tlv(0xA1, generalized(since), tlv(0xA0, enumerated(reason)))


def streamed(content, one, certificate):
    """A signature file as a streaming program writes it: indefinite lengths, the document in pieces."""

    def open_ended(tag, *parts):
        return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"

    pieces = open_ended(0x24, *(octets(content[at : at + 5]) for at in range(0, len(content), 5)))
    encapsulated = open_ended(0x30, oid(DATA), open_ended(0xA0, pieces))
    bag = open_ended(0xA0, certificate.der)
    algorithms = set_of(certificate.key.digest_algorithm)
    data = open_ended(0x30, integer(1), algorithms, encapsulated, bag, open_ended(0x31, one))
    return open_ended(0x30, oid(SIGNED), open_ended(0xA0, data))


# ---- the files ----


def write(name, body):
    path = OUT / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)


def signed(name, content, certificate, more=(), detached=False, **options):
    write(f"cms/{name}.cms", cms(content, [signer(certificate, content, **options)], [certificate, *more], detached=detached))


class World:
    """The CAs."""

    def __init__(self):
        self.root = authority("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) TEST")
        self.ca = authority("ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) TEST", issuer=self.root, path=[integer(0)])
        self.root_rsa = authority("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (RSA) TEST", "rsa4096")
        self.ca_rsa = authority("ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (RSA) TEST", "rsa", self.root_rsa)
        self.root_old = authority("НЕГІЗГІ КО TEST (GOST)", "old")
        self.ca_old = authority("ҰКО 3.0 (GOST TEST)", "old", self.root_old)
        self.foreign = authority("FOREIGN ROOT TEST")
        self.lapsed = authority("LAPSED CA TEST", issuer=self.root, days=("2022-01-01", "2026-03-01"))
        # Has the names and key identifiers of the CA, but not its key.
        self.impostor = Key("gost")
        for kind in ("root", "ca", "root_rsa", "ca_rsa", "root_old", "ca_old", "foreign", "lapsed"):
            write(f"trust/{kind.replace('_', '-')}.cer", getattr(self, kind).der)
        production = authority("НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST)")
        write("trust/production-named.cer", production.der)


def people(world):
    ca = world.ca
    year = ("2025-01-01", "2026-01-01")
    return {
        "person": person(ca, 1),
        "head": person(ca, 2, "123456789021"),
        "rsa": person(world.ca_rsa, 3),
        "rsa_login": person(world.ca_rsa, 4, usage=[CLIENT, INDIVIDUAL], key_usage="030205A0"),
        "no_purposes": person(ca, 5, usage=None),
        "expired": person(ca, 6, days=year),
        "not_yet": person(ca, 7, days=("2026-09-01", "2027-09-01")),
        "compromised": person(ca, 8),
        "retired": person(ca, 9),
        "held": person(ca, 10),
        "of_lapsed": person(world.lapsed, 11),
        "foreign": person(world.foreign, 12),
        "forged": person(ca, 13, signed_by=world.impostor),
        "strange": person(ca, 14, strange=True),
        "server": person(ca, 15, usage=["1.3.6.1.5.5.7.3.1"]),
        "old": person(world.ca_old, 16, days=("2023-06-01", "2024-06-01")),
        "old_new": person(world.ca_old, 17, days=("2026-01-01", "2027-01-01")),
        "unlisted": person(ca, 18),
    }


def stampers(world):
    named_so = lambda: named(cn="TIME-STAMPING AUTHORITY TEST", c="KZ")
    stamper = lambda issuer, **profile: Certificate(
        named_so(), issuer.key.kind, issuer, profile.pop("days", ("2022-01-01", "2030-01-01")),
        **({"usage": [STAMPING], "critical": True, "key_usage": "030206C0"} | profile),
    )
    return {
        "rsa": stamper(world.ca_rsa),
        "gost": stamper(world.ca),
        "old": stamper(world.ca_old),
        "foreign": stamper(world.foreign),
        "not_critical": stamper(world.ca_rsa, critical=False),
        "no_purpose": stamper(world.ca_rsa, usage=[EMAIL]),
        "lapsed": stamper(world.ca_rsa, days=("2022-01-01", "2026-01-01")),
        "revoked": stamper(world.ca_rsa),
    }


def plain_files(world, who):
    text = "Договор №1\n".encode()
    write("document.txt", text)
    for name in who:
        signed(name.replace("_", "-"), text, who[name])
    person_, rsa = who["person"], who["rsa"]
    signed("detached", text, person_, detached=True)
    signed("rsa-detached", text, rsa, detached=True)
    signed("plain", text, person_, names=False)
    both = [signer(person_, text), signer(rsa, text)]
    write("cms/two.cms", cms(text, both, [person_, rsa]))
    bad = [signer(person_, text), signer(rsa, b"other")]
    write("cms/two-one-bad.cms", cms(text, bad, [person_, rsa]))
    write("cms/many-signers.cms", cms(text, [signer(person_, text)] * 33, [person_]))
    write("cms/no-signers.cms", cms(text, [], [person_]))
    write("cms/no-certificate.cms", cms(text, [signer(person_, text)], []))
    write("cms/other-document.cms", cms(text, [signer(person_, b"other")], [person_]))
    signed("other-key", text, person_, key=world.impostor)
    signed("no-attributes", text, person_, bare=True)
    signed("no-digest", text, person_, drop=DIGEST)
    signed("digest-twice", text, person_, twice=True)
    signed("no-content-type", text, person_, drop=CONTENT_TYPE)
    signed("other-content-type", text, person_, attribute_type=SIGNED)
    signed("other-certificate", text, person_, names=who["head"])
    sha1_with_rsa = seq(oid("1.2.840.113549.1.1.5"), NULL)
    signed("sha1", text, rsa, algorithm=sha1_with_rsa, digest_algorithm=seq(oid("1.3.14.3.2.26"), NULL))
    signed("rsa-key-algorithm", text, rsa, algorithm=seq(oid("1.2.840.113549.1.1.1"), NULL))
    signed("mixed-hash", text, person_, digest_algorithm=who["rsa"].key.digest_algorithm)
    signed("ca-signs", text, world.ca)
    # Its keyUsage allows everything, so only its being a CA stands against it.
    signed("able-ca-signs", text, authority("ABLE CA TEST", issuer=world.root, key_usage="030201C6"))
    signed("root-signs", text, world.root)
    write("cms/streamed.cms", streamed(text, signer(person_, text), person_))
    write("cms/streamed-rsa.cms", streamed_by_openssl(text, rsa))
    alone = person(world.foreign, 30)
    alone = Certificate(alone.name, "gost", None, usage=[EMAIL, INDIVIDUAL], key_usage="030203C8")
    signed("self-signed", text, alone)
    by_person = Certificate(who["head"].name, "gost", person_, usage=[EMAIL], key_usage="030203C8")
    signed("issued-by-person", text, by_person, more=[person_])
    able = person(world.root, 35, key_usage="030200FE")
    by_able = Certificate(who["head"].name, "gost", able, usage=[EMAIL], key_usage="030203C8")
    signed("issued-by-able-person", text, by_able, more=[able])
    below = authority("SUB CA TEST", issuer=world.ca)
    signed("too-deep", text, person(below, 31), more=[below])
    unsigning = authority("CA WITHOUT RIGHT TEST", issuer=world.root, key_usage="03020780")
    signed("ca-without-right", text, person(unsigning, 32), more=[unsigning])
    strange = authority("STRANGE CA TEST", issuer=world.root, strange=True)
    signed("strange-ca", text, person(strange, 36), more=[strange])
    nameless = person(world.ca, 33, no_key_ids=True)
    signed("no-key-identifiers", text, nameless)
    unknown = authority("UNKNOWN CA TEST", issuer=world.root)
    signed("issuer-missing", text, person(unknown, 34))
    write("cert/person.cer", person_.der)
    write("cert/head.cer", who["head"].der)
    write("cert/rsa.cer", rsa.der)


def streamed_by_openssl(text, certificate):
    (WORK / "rsa.der").write_bytes(certificate.der)
    (WORK / "text").write_bytes(text)
    openssl("x509", "-inform", "DER", "-in", str(WORK / "rsa.der"), "-out", str(WORK / "rsa.pem"))
    return openssl(
        "cms", "-sign", "-binary", "-stream", "-nodetach", "-outform", "DER", "-md", "sha256",
        "-in", str(WORK / "text"), "-signer", str(WORK / "rsa.pem"), "-inkey", certificate.key.path,
    )


def stamped_files(who, by):
    text = "Договор №1\n".encode()
    june = "2026-06-01T10:00:00"
    make = lambda name, owner, *stamps: signed(f"stamped-{name}", text, who[owner], stamps=stamps)
    make("rsa", "person", stamp(by["rsa"], june))
    make("gost", "rsa", stamp(by["gost"], june))
    make("expired", "expired", stamp(by["rsa"], "2025-06-01T10:00:00"))
    make("after-expiry", "expired", stamp(by["rsa"], june))
    make("before-validity", "not_yet", stamp(by["rsa"], june))
    make("other-signature", "expired", stamp(by["rsa"], "2025-06-01T10:00:00", over=b"other"))
    make("bad-signature", "expired", stamp(by["rsa"], "2025-06-01T10:00:00", signer={"key": by["gost"].key}))
    make("foreign", "expired", stamp(by["foreign"], "2025-06-01T10:00:00"))
    make("not-critical", "expired", stamp(by["not_critical"], "2025-06-01T10:00:00"))
    make("no-purpose", "expired", stamp(by["no_purpose"], "2025-06-01T10:00:00"))
    make("lapsed", "person", stamp(by["lapsed"], june))
    make("revoked-stamper", "person", stamp(by["revoked"], june))
    make("future", "person", stamp(by["rsa"], "2026-08-01T10:00:00"))
    make("junk", "person", lambda signature: seq(integer(1)))
    make("bad-then-good", "expired", lambda signature: seq(integer(1)), stamp(by["rsa"], "2025-06-01T10:00:00"))
    make("compromised", "compromised", stamp(by["rsa"], june))
    make("compromised-late", "compromised", stamp(by["rsa"], "2026-06-20T10:00:00"))
    make("retired", "retired", stamp(by["rsa"], june))
    make("old", "old", stamp(by["old"], "2024-03-01T10:00:00"))
    make("old-rsa", "old", stamp(by["rsa"], "2024-03-01T10:00:00"))


def revocation_files(world, who, by):
    this, until = "2026-07-01T06:00:00", "2026-07-02T09:00:00"
    gone = [
        (who["compromised"], "2026-06-15T00:00:00", 1),
        (who["retired"], "2026-06-15T00:00:00", 4),
        (who["held"], "2026-06-15T00:00:00", 6),
    ]
    write("crl/ca.crl", crl(world.ca, this, until, gone))
    write("crl/root.crl", crl(world.root, this, "2026-10-01T00:00:00"))
    write("crl/ca-rsa.crl", crl(world.ca_rsa, this, until, [(by["revoked"], "2026-05-01T00:00:00", 1)]))
    write("crl/root-rsa.crl", crl(world.root_rsa, this, "2026-10-01T00:00:00"))
    write("crl/lapsed.crl", crl(world.lapsed, this, until))
    write("crl/ca-2025.crl", crl(world.ca, "2025-06-01T06:00:00", "2025-06-02T09:00:00"))
    write("crl/ca-old-2024.crl", crl(world.ca_old, "2024-03-01T06:00:00", "2024-03-02T09:00:00"))
    write("crl/ca-old.crl", crl(world.ca_old, this, until))
    write("crl/root-old.crl", crl(world.root_old, "2024-03-01T06:00:00", "2026-10-01T00:00:00"))
    kept = extension("2.5.29.60", generalized("2020-01-01T00:00:00"))
    write("crl/ca-keeps-expired.crl", crl(world.ca, this, until, gone, extra=[kept]))
    write("crl/ca-expired.crl", crl(world.ca, "2026-06-29T06:00:00", "2026-06-30T09:00:00", gone))
    write("crl/ca-forged.crl", crl(world.ca, this, until, key=world.impostor))
    write("crl/ca-future.crl", crl(world.ca, "2026-07-05T06:00:00", "2026-07-06T09:00:00"))
    delta = extension("2.5.29.27", integer(6), True)
    write("crl/ca-delta.crl", crl(world.ca, "2026-07-01T08:00:00", until, [(who["person"], this, 1)], extra=[delta]))
    partial = extension("2.5.29.28", seq(tlv(0x81, b"\xff")), True)
    write("crl/ca-partial.crl", crl(world.ca, this, until, extra=[partial]))
    write("crl/ca-misnamed.crl", crl(world.ca, this, until, named_as=world.root.name))
    other_issuer = extension("2.5.29.29", seq(tlv(0xA4, world.root.name)), True)
    mixed = [(who["unlisted"], "2026-06-15T00:00:00", 1)]
    write("crl/ca-mixed.crl", crl(world.ca, this, until, mixed, of_entry=[other_issuer]))
    write("crl/root-revokes-ca.crl", crl(world.root, this, until, [(world.ca, "2026-05-01T00:00:00", 2)]))

    responder = lambda issuer, **profile: Certificate(
        named(cn="OCSP RESPONDER", c="KZ"), "gost", issuer,
        **({"usage": [OCSP_SIGNING], "key_usage": "03020780"} | profile),
    )
    one, noon, tomorrow = who["unlisted"], "2026-07-01T11:59:00", "2026-07-02T11:59:00"
    right = responder(world.ca)
    wrote = lambda name, *parts, **options: write(f"ocsp/{name}.ocsp", ocsp(*parts, **options))
    wrote("good", one, right, noon, tomorrow)
    wrote("good-sha1", one, right, noon, tomorrow, sha1=True, by_key=True)
    wrote("good-by-ca", one, world.ca, noon, None)
    wrote("person", who["person"], right, noon, tomorrow)
    wrote("expired-person", who["expired"], right, noon, tomorrow)
    wrote("revoked", one, right, noon, tomorrow, state=revoked_state("2026-06-15T00:00:00", 1))
    wrote("never-issued", one, right, noon, tomorrow, state=revoked_state("1970-01-01T00:00:00", 6))
    wrote("unknown", one, right, noon, tomorrow, state=b"\x82\0")
    wrote("forged", one, right, noon, tomorrow, key=world.impostor)
    wrote("no-right", one, responder(world.ca, usage=[EMAIL]), noon, tomorrow)
    wrote("of-stranger", one, responder(world.foreign), noon, tomorrow)
    wrote("forged-responder", one, responder(world.ca, signed_by=world.impostor), noon, tomorrow)
    wrote("other-issuer", one, right, noon, tomorrow, about=world.root)
    wrote("misnamed", one, right, noon, tomorrow, named_as=world.root.name)
    wrote("lapsed-responder", one, responder(world.ca, days=("2025-01-01", "2026-01-01")), noon, tomorrow)
    wrote("old", one, right, "2026-06-20T11:59:00", "2026-06-21T11:59:00")
    wrote("old-without-end", one, right, "2026-06-20T11:59:00", None)
    wrote("future", one, right, "2026-07-03T11:59:00", "2026-07-04T11:59:00")
    write("ocsp/try-later.ocsp", seq(enumerated(3)))


def main():
    (WORK / "openssl.cnf").write_text(CONFIG)
    example = gost94(b"This is message, length=32 bytes").hex()
    assert example == "b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa", example
    for folder in ("cms", "cert", "trust", "crl", "ocsp"):
        for path in (OUT / folder).glob("*"):
            path.unlink()
    world = World()
    who, by = people(world), stampers(world)
    plain_files(world, who)
    stamped_files(who, by)
    revocation_files(world, who, by)


main()
