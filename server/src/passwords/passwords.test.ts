import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { someone } from "../../test/support/holders.ts";
import { defaultHashers } from "./hasher-names.ts";
import { createPasswords } from "./passwords.ts";

interface Vector {
  alg: string;
  password: string;
  encoded?: string;
  check: boolean | string;
  usable?: boolean;
}
const file = new URL("../../test/vectors/django-hashes-3.2.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: Vector[] };
const legacy = ["sha1", "md5", "unsalted_sha1", "unsalted_md5"];
const made = vectors.filter((vector) => vector.encoded !== undefined);

describe("what Django 3.2 hashed", () => {
  const passwords = createPasswords({ hashers: [...defaultHashers, ...legacy], queueLimit: 200 });

  test("the vectors are the whole file", () => {
    expect(made.length).toBeGreaterThan(100);
    expect(vectors.length - made.length).toBe(1); // scrypt, which Django 3.2 lacked
  });

  test("is judged as Django judged it", { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    await Promise.all(
      made.map(async ({ password, encoded = "", check }) => {
        const verdict = await passwords.verify(password, encoded, someone);
        // Where Django raised, a stored hash is broken, and a broken hash matches nothing.
        if (verdict.ok !== (check === true)) wrong.push(`${password} ${encoded}`);
        if (verdict.ok) expect(verdict.needsRehash).toBe(true);
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("the legacy ones match nothing unless they are switched on", async () => {
    const standard = createPasswords();
    const old = made.filter(({ alg, check }) => legacy.includes(alg) && check === true);
    expect(old.length).toBeGreaterThan(8);
    for (const { password, encoded = "" } of old) {
      expect(standard.isUsable(encoded)).toBe(false);
      expect((await standard.verify(password, encoded, someone)).ok).toBe(false);
    }
  });
});

describe("our own hashes", () => {
  test.each(defaultHashers)("%s verifies what it hashed, and nothing else", async (name) => {
    const passwords = createPasswords({ hashers: [name] });
    const encoded = await passwords.hash(" 密码 $pass$ ", someone);
    expect(encoded.startsWith(`${name}$`)).toBe(true);
    // Django's column has 128 characters, and MySQL out of strict mode cuts what is longer; scrypt's fill it.
    expect(encoded.length).toBeLessThanOrEqual(128);
    expect(await passwords.verify(" 密码 $pass$ ", encoded, someone)).toEqual({
      ok: true,
      needsRehash: false,
      matched: " 密码 $pass$ ",
    });
    expect((await passwords.verify(" 密码 $pass$", encoded, someone)).ok).toBe(false);
    expect(await passwords.hash(" 密码 $pass$ ", someone)).not.toBe(encoded);
  });

  test("by default are argon2id with OWASP's parameters", async () => {
    expect(await createPasswords().hash("12345678aA", someone)).toMatch(
      /^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{30}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test("take Django's class names, and a log-in with another hasher's asks for a new hash", async () => {
    const old = await createPasswords({ hashers: ["pbkdf2_sha256"] }).hash("12345678aA", someone);
    const passwords = createPasswords({
      hashers: [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
      ],
    });
    expect(await passwords.verify("12345678aA", old, someone)).toMatchObject({ ok: true, needsRehash: true });
    expect((await passwords.hash("12345678aA", someone)).startsWith("argon2$")).toBe(true);
  });
});

describe("trimmed by the original", () => {
  test("the trimmed form counts only where it is asked for, and is what is to be hashed again", async () => {
    const passwords = createPasswords();
    const encoded = await passwords.hash("12345678aA", someone);
    expect((await passwords.verify(" 12345678aA ", encoded, someone)).ok).toBe(false);
    expect(await passwords.verify(" 12345678aA ", encoded, someone, { trimmed: true })).toEqual({
      ok: true,
      needsRehash: false,
      matched: "12345678aA",
    });
    const exact = await passwords.hash(" 12345678aA ", someone);
    expect((await passwords.verify("12345678aA", exact, someone, { trimmed: true })).ok).toBe(false);
    expect((await passwords.verify(" 12345678aA ", exact, someone, { trimmed: true })).matched).toBe(
      " 12345678aA ",
    );
  });
});

describe("stored values that are no usable hash", () => {
  const salt = "c2FsdHNhbHRzYWx0c2FsdA";
  const digest = "LNOKlI40xakp1J5I5WC9Hw";
  const crypt = "Jl1/DGflBaFXlaAuNCRxsepx2ZQuvrRdTBTvYdQwFzgCQLQAzB.K.";
  test.each([
    "",
    "!",
    "plain",
    "$",
    "$$$$$$",
    "argon2$",
    `argon2$argon2id$v=19$m=4294967295,t=1,p=1$${salt}$${digest}`,
    `argon2$argon2id$v=19$m=262144,t=16,p=1$${salt}$${digest}`,
    `argon2$argon2id$v=19$m=65536,t=999,p=1$${salt}$${digest}`,
    `argon2$argon2id$v=19$m=65536,t=2,p=255$${salt}$${digest}`,
    `argon2$argon2id$v=19$m=0,t=0,p=0$${salt}$${digest}`,
    `argon2$argon2id$v=19$m=65536,t=2,p=1$${"A".repeat(100_000)}$${digest}`,
    "pbkdf2_sha256$999999999$salt$aaaa",
    "pbkdf2_sha256$-1$salt$aaaa",
    "pbkdf2_sha256$1e3$salt$aaaa",
    "pbkdf2_sha256$1000$salt$aaaa$x",
    `bcrypt$$2b$31$${crypt}`,
    `bcrypt$$2b$03$${crypt}`,
    "bcrypt$$2b$12$short",
    "scrypt$1073741824$salt$8$1$aaaa",
    "scrypt$16384$salt$8$99999$aaaa",
    "scrypt$15000$salt$8$1$aaaa",
    "md5$salt$zz",
  ])("%s never matches, never throws", async (encoded) => {
    const passwords = createPasswords({ hashers: [...defaultHashers, ...legacy], queueLimit: 200 });
    expect(passwords.isUsable(encoded)).toBe(false);
    expect(await passwords.verify("12345678aA", encoded, someone)).toEqual({
      ok: false,
      needsRehash: false,
      matched: null,
    });
    expect((await passwords.verify(encoded, encoded, someone)).ok).toBe(false);
  });

  test("undecodable base64 of the right shape never throws either", async () => {
    const passwords = createPasswords();
    const encoded = `argon2$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAA$${digest}`;
    expect((await passwords.verify("12345678aA", encoded, someone)).ok).toBe(false);
  });

  test("unusable() differs each time and matches nothing", async () => {
    const passwords = createPasswords();
    const stored = passwords.unusable();
    expect(stored).toMatch(/^![A-Za-z0-9_-]{40}$/);
    expect(passwords.unusable()).not.toBe(stored);
    expect((await passwords.verify(stored, stored, someone)).ok).toBe(false);
    expect((await passwords.verify(stored.slice(1), stored, someone)).ok).toBe(false);
  });
});

describe("bounds", () => {
  test("beyond the queue's limit the answer is busy, with advice, and everyone else is served", async () => {
    const passwords = createPasswords({ concurrency: 1, queueLimit: 2 });
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => passwords.hash("12345678aA", someone)),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(3);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: "busy" });
      expect(reason.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    }
    expect(passwords.stats()).toEqual({ running: 0, waiting: 0, refused: 3, finished: 3 });
    await passwords.verifyNobody("12345678aA", someone);
    expect(passwords.stats().finished).toBe(4);
  });

  test("never more than `concurrency` at once", async () => {
    const passwords = createPasswords({ concurrency: 2, queueLimit: 20 });
    const all = Array.from({ length: 8 }, () => passwords.hash("12345678aA", someone));
    expect(passwords.stats()).toMatchObject({ running: 2, waiting: 6 });
    await Promise.all(all);
    expect(passwords.stats()).toMatchObject({ running: 0, waiting: 0, finished: 8 });
  });
});

describe("the list of hashers", () => {
  test.each([
    [["nope"], /knows no "nope": use argon2, /],
    [[], /names no hasher/],
    [["md5", "argon2"], /begins with md5, which may verify old passwords but not hash new ones/],
  ])("%j is refused with the reason", (hashers, reason) => {
    expect(() => createPasswords({ hashers })).toThrow(reason);
  });
});
