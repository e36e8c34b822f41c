import { pbkdf2Sync, scryptSync } from "node:crypto";
import { hashSync as argon2Sync } from "@node-rs/argon2";
import { hashSync as bcryptSync } from "@node-rs/bcrypt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { someone } from "../../test/support/holders.ts";
import { argon2 } from "./argon2.ts";
import { bcrypt, bcryptSha256 } from "./bcrypt.ts";
import { defaultHashers } from "./hasher-names.ts";
import { createPasswords } from "./passwords.ts";
import { pbkdf2Sha1, pbkdf2Sha256 } from "./pbkdf2.ts";
import { scrypt } from "./scrypt.ts";

/** Whichever hasher is first: an unknown account costs what a wrong password costs, and old parameters are renewed. */
const password = "12345678aA";

const hashers = [argon2, pbkdf2Sha256, pbkdf2Sha1, bcrypt, bcryptSha256, scrypt];

/** The hashes that are asked for from now on, by their kind: algorithm and parameters. None is computed, none matches. */
function countHashes(asked: (kind: string) => void): void {
  for (const hasher of hashers) {
    const read = hasher.read.bind(hasher);
    vi.spyOn(hasher, "read").mockImplementation((encoded) => {
      const stored = read(encoded);
      if (stored === null) return null;
      const way = (name: string) => async () => {
        asked(`${stored.kind} ${name}`);
        return false;
      };
      return { ...stored, matches: way("matches"), ...(stored.otherwise && { otherwise: way("otherwise") }) };
    });
  }
}

afterEach(() => vi.restoreAllMocks());

describe.each(defaultHashers)("with %s first", (name) => {
  const own = hashers.find(({ algorithm }) => algorithm === name)!;

  test("an unknown and an unusable account take the hashes that a wrong password takes", async () => {
    const encoded = await own.hash(password);
    const kind = own.read(encoded)!.kind;
    let asked: string[] = [];
    countHashes((one) => asked.push(one));
    const names = [name, ...defaultHashers.filter((one) => one !== name)];
    const passwords = createPasswords({ hashers: names });
    const hashesOf = async (work: () => Promise<unknown>) => {
      asked = [];
      await work();
      return asked;
    };
    for (const typed of ["wrong-one", " wrong-one "]) {
      const wrong = await hashesOf(() => passwords.verify(typed, encoded, someone));
      expect(wrong[0]).toBe(`${kind} matches`);
      expect(wrong.every((one) => one.startsWith(`${kind} `))).toBe(true);
      expect(await hashesOf(() => passwords.verifyNobody(typed, someone))).toEqual(wrong);
      expect(await hashesOf(() => passwords.verify(typed, "!unusable", someone))).toEqual(wrong);
    }
  });

  test("what it hashes is of the kind it says, so that nothing waits for it", async () => {
    const { kind } = own.read(own.decoy)!;
    expect(own.read(await own.hash(password))).toMatchObject({ kind, outdated: false });
  });
});

test("an account with a dear imported hash makes every failure wait until it has taken as long", async () => {
  const dear = `pbkdf2_sha256$600000$${"s".repeat(22)}$${Buffer.alloc(32).toString("base64")}`;
  let now = 0;
  countHashes((kind) => {
    now += kind.startsWith("argon2:") ? 15 : 40;
  });
  const wait = async (milliseconds: number) => {
    now += milliseconds;
  };
  const passwords = createPasswords({ time: { now: () => now, wait } });
  const taken = async (work: () => Promise<unknown>) => {
    const begin = now;
    await work();
    return now - begin;
  };
  const unknown = () => passwords.verifyNobody("wrong-one", someone);
  expect(await taken(unknown)).toBe(15);
  for (let round = 0; round < 9; round++) {
    const imported = await taken(() => passwords.verify("wrong-one", dear, someone));
    expect(imported).toBeGreaterThanOrEqual(40);
    expect(await taken(unknown)).toBeCloseTo(imported);
    expect(await taken(() => passwords.verify("wrong-one", "!unusable", someone))).toBeCloseTo(imported);
  }
});

const salt = "saltsaltsaltsaltsalt22";
const argon2Of = (memoryCost: number, timeCost: number, parallelism: number) =>
  `argon2${argon2Sync(password, { memoryCost, timeCost, parallelism, salt: Buffer.from(salt) })}`;

describe("a right password is hashed anew where the same algorithm had older parameters", () => {
  test.each([
    ["argon2", "argon2 as Django 3.2 makes it", argon2Of(102_400, 2, 8)],
    ["argon2", "argon2 with little memory", argon2Of(512, 2, 2)],
    [
      "pbkdf2_sha256",
      "120,000 iterations",
      `pbkdf2_sha256$120000$${salt}$${pbkdf2Sync(password, salt, 120_000, 32, "sha256").toString("base64")}`,
    ],
    [
      "pbkdf2_sha1",
      "260,000 iterations",
      `pbkdf2_sha1$260000$${salt}$${pbkdf2Sync(password, salt, 260_000, 20, "sha1").toString("base64")}`,
    ],
    ["bcrypt", "10 rounds", `bcrypt$${bcryptSync(password, 10)}`],
    [
      "scrypt",
      "one lane",
      `scrypt$16384$${salt}$8$1$${scryptSync(password, salt, 64, { N: 16_384, r: 8, p: 1 }).toString("base64")}`,
    ],
  ])("%s: %s", async (name, _what, old) => {
    const passwords = createPasswords({ hashers: [name, ...defaultHashers.filter((one) => one !== name)] });
    expect(await passwords.verify(password, old, someone)).toEqual({
      ok: true,
      needsRehash: true,
      matched: password,
    });
    expect(await passwords.verify("wrong-one", old, someone)).toMatchObject({
      ok: false,
      needsRehash: false,
    });
    const renewed = await passwords.hash(password, someone);
    expect(await passwords.verify(password, renewed, someone)).toMatchObject({
      ok: true,
      needsRehash: false,
    });
  });

  test("and not where it had stronger ones", async () => {
    const stronger = `pbkdf2_sha256$700000$${salt}$${pbkdf2Sync(password, salt, 700_000, 32, "sha256").toString("base64")}`;
    const passwords = createPasswords({ hashers: ["pbkdf2_sha256"] });
    expect(await passwords.verify(password, stronger, someone)).toMatchObject({
      ok: true,
      needsRehash: false,
    });
  });
});
