"""Makes password-hashes.json: hashes of every hasher with every parameter, by implementations that are not ours.

Run by hand, with Debian's python3-django (3.2), python3-argon2, python3-bcrypt and python3-passlib:

    python3 server/test/vectors/make-password-hashes.py > server/test/vectors/password-hashes.json
    npx biome format --write server/test/vectors/password-hashes.json

`hashlib` is OpenSSL through Python, argon2 the reference C library, bcrypt OpenBSD's C code, passlib pure Python where
it says so. Django newer than 3.2 isn't packaged; its formats are written as its hashers.py writes them, and the digest is
made by the same hashlib call that it makes (ScryptPasswordHasher.encode and PBKDF2PasswordHasher.encode). Salts are fixed, so
that running it again changes nothing but bcrypt's, which brings its own.
"""

import base64
import hashlib
import json

import argon2
import bcrypt
import django
import passlib
from django.conf import settings
from passlib.crypto.digest import pbkdf2_hmac
from passlib.crypto.scrypt import _builtin

settings.configure()
from django.contrib.auth import hashers  # noqa: E402

PASSWORD = "12345678aA"
SALT = "saltsaltsaltsaltsalt22"
vectors = []


def b64(raw):
    return base64.b64encode(raw).decode("ascii")


def add(maker, what, encoded, password=PASSWORD):
    vectors.append({"maker": maker, "what": what, "password": password, "encoded": encoded})


def scrypt(what, n, r, p, salt=SALT, password=PASSWORD):
    digest = hashlib.scrypt(
        password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=256 * 1024 * 1024, dklen=64
    )
    add("hashlib", what, f"scrypt${n}${salt}${r}${p}${b64(digest)}", password)


scrypt("Django 4.0 to 5.0", 16384, 8, 1)
scrypt("Django 5.1 and later", 16384, 8, 5)
scrypt("N", 1024, 8, 5)
scrypt("r", 16384, 4, 5)
scrypt("r that is no power of two", 2048, 7, 3)
scrypt("p", 16384, 8, 3)
scrypt("many lanes", 1024, 1, 64)
scrypt("OWASP's strongest", 131072, 8, 1)
scrypt("short salt", 1024, 8, 2, salt="x")
scrypt("salt outside ASCII", 1024, 8, 2, salt="盐é")
scrypt("password outside ASCII", 1024, 8, 2, password="密码 é😀")
# RFC 7914 section 12, in Django's notation where its salt and password can be written so.
scrypt("RFC 7914: NaCl", 1024, 8, 16, salt="NaCl", password="password")
scrypt("RFC 7914: SodiumChloride", 16384, 8, 1, salt="SodiumChloride", password="pleaseletmein")
pure = _builtin.ScryptEngine.execute(PASSWORD.encode(), SALT.encode(), 256, 2, 5, 64)
add("passlib, pure Python", "p", f"scrypt$256${SALT}$2$5${b64(pure)}")


def pbkdf2(what, algorithm, digest, iterations, salt=SALT, password=PASSWORD):
    raw = hashlib.pbkdf2_hmac(digest, password.encode(), salt.encode(), iterations)
    add("hashlib", what, f"{algorithm}${iterations}${salt}${b64(raw)}", password)


for version, iterations in {
    "1.4": 10_000,
    "2.1": 120_000,
    "4.2": 600_000,
    "5.2": 1_000_000,
    "6.0": 1_200_000,
}.items():
    pbkdf2(f"Django {version}", "pbkdf2_sha256", "sha256", iterations)
    pbkdf2(f"Django {version}", "pbkdf2_sha1", "sha1", iterations)
pbkdf2("one iteration", "pbkdf2_sha256", "sha256", 1)
pbkdf2("salt of 12, before Django 3.2", "pbkdf2_sha256", "sha256", 1000, salt="saltsaltsalt")
pbkdf2("salt outside ASCII", "pbkdf2_sha256", "sha256", 1000, salt="盐é")
pbkdf2("password outside ASCII", "pbkdf2_sha256", "sha256", 1000, password="密码 é😀")
pbkdf2("password longer than SHA-256's block", "pbkdf2_sha256", "sha256", 1000, password="長" * 40)
pbkdf2("password longer than SHA-1's block", "pbkdf2_sha1", "sha1", 1000, password="長" * 40)
# RFC 6070, whose digests are 20 bytes, as Django's for SHA-1.
pbkdf2("RFC 6070: 2", "pbkdf2_sha1", "sha1", 2, salt="salt", password="password")
pbkdf2("RFC 6070: 4096", "pbkdf2_sha1", "sha1", 4096, salt="salt", password="password")
raw = pbkdf2_hmac("sha256", PASSWORD.encode(), SALT.encode(), 1000)
add("passlib", "SHA-256", f"pbkdf2_sha256$1000${SALT}${b64(raw)}")


def argon(what, variant, version, memory, passes, lanes, salt=SALT.encode(), length=32, password=PASSWORD):
    encoded = argon2.low_level.hash_secret(
        password.encode(), salt, passes, memory, lanes, length, variant, version=version
    ).decode()
    add("argon2-cffi", what, f"argon2{encoded}", password)


ID, I, D = argon2.low_level.Type.ID, argon2.low_level.Type.I, argon2.low_level.Type.D
argon("Django 3.2 and later", ID, 19, 102_400, 2, 8)
argon("Django 1.10 to 3.1", I, 19, 512, 2, 2)
argon("ours", ID, 19, 19_456, 2, 1)
argon("argon2d", D, 19, 512, 2, 2)
argon("version 16", I, 16, 512, 2, 2)
argon("version 16, id", ID, 16, 512, 2, 2)
argon("memory", ID, 19, 1024, 2, 1)
argon("passes", ID, 19, 512, 5, 1)
argon("lanes", ID, 19, 512, 1, 4)
argon("sixteen lanes", ID, 19, 512, 1, 16)
argon("shortest salt", ID, 19, 512, 1, 1, salt=b"saltsalt")
argon("salt of bytes", ID, 19, 512, 1, 1, salt=bytes(range(16)))
argon("digest of 16", ID, 19, 512, 1, 1, length=16)
argon("digest of 64", ID, 19, 512, 1, 1, length=64)
argon("password outside ASCII", ID, 19, 512, 1, 1, password="密码 é😀")


def bcrypted(what, prefix, rounds, sha256, password=PASSWORD):
    data = password.encode()
    if sha256:
        data = hashlib.sha256(data).hexdigest().encode()
    crypt = bcrypt.hashpw(data, bcrypt.gensalt(rounds, prefix=b"2a" if prefix == "2y" else prefix.encode()))
    # crypt_blowfish's 2y is 2a without a bug of its own, which OpenBSD's code never had.
    text = crypt.decode().replace("$2a$", f"${prefix}$")
    add("bcrypt", what, f"{'bcrypt_sha256' if sha256 else 'bcrypt'}${text}", password)


for sha256 in (True, False):
    for prefix in ("2a", "2b", "2y"):
        bcrypted(f"prefix {prefix}", prefix, 4, sha256)
    bcrypted("Django's rounds", "2b", 12, sha256)
    bcrypted("another number of rounds", "2b", 7, sha256)
    bcrypted("password outside ASCII", "2b", 4, sha256, "密码 é😀")
    bcrypted("password of more than 72 bytes", "2b", 4, sha256, "長" * 40)

for name in ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "SHA1", "MD5"):
    hasher = getattr(hashers, f"{name}PasswordHasher")()
    salt = hasher.salt() if "BCrypt" in name else SALT
    add("Django 3.2", name, hasher.encode(PASSWORD, salt))
add("Django 3.2", "UnsaltedSHA1", hashers.UnsaltedSHA1PasswordHasher().encode(PASSWORD, ""))
add("Django 3.2", "UnsaltedMD5", hashers.UnsaltedMD5PasswordHasher().encode(PASSWORD, ""))

made = {
    "django": django.__version__,
    "argon2-cffi": argon2.__version__,
    "bcrypt": bcrypt.__version__,
    "passlib": passlib.__version__,
}
print(json.dumps({"made_by": "make-password-hashes.py", **made, "vectors": vectors}, ensure_ascii=False, indent=1))
