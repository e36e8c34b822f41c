import { pbkdf2Sync, scryptSync } from "node:crypto";
import { hashSync as argon2Sync } from "@node-rs/argon2";
import { hashSync as bcryptSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
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

/** Processor time of the work, in milliseconds, all threads of this process; waiting costs none. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe.each(defaultHashers)("with %s first", (name) => {
  const passwords = createPasswords({ hashers: [name, ...defaultHashers.filter((one) => one !== name)] });

  test("an unknown and an unusable account cost the processor what a wrong password does", {
    timeout: 60_000,
  }, async () => {
    const encoded = await passwords.hash(password, someone);
    const cases = {
      wrong: () => passwords.verify("wrong-one", encoded, someone),
      unknown: () => passwords.verifyNobody("wrong-one", someone),
      unusable: () => passwords.verify("wrong-one", "!unusable", someone),
    };
    const ratios: Record<"unknown" | "unusable", number[]> = { unknown: [], unusable: [] };
    await cases.wrong();
    for (let round = 0; round < 3; round++) {
      const wrong = await processorTime(cases.wrong);
      for (const who of ["unknown", "unusable"] as const) {
        ratios[who].push((await processorTime(cases[who])) / wrong);
      }
    }
    for (const who of ["unknown", "unusable"] as const) {
      expect([who, median(ratios[who]) > 0.6, median(ratios[who]) < 1.67]).toEqual([who, true, true]);
    }
  });

  test("what it hashes is of the kind it says, so that nothing waits for it", async () => {
    const own = hashers.find(({ algorithm }) => algorithm === name)!;
    const { kind } = own.read(own.decoy)!;
    expect(own.read(await own.hash(password))).toMatchObject({ kind, outdated: false });
  });
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
