import { scryptSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { someone } from "../../test/support/holders.ts";
import { defaultHashers } from "./hasher-names.ts";
import { createPasswords } from "./passwords.ts";

interface Vector {
  readonly maker: string;
  readonly what: string;
  readonly password: string;
  readonly encoded: string;
}

/** Made by make-password-hashes.py beside it, every parameter of every hasher away from its default. */
const { vectors } = JSON.parse(
  readFileSync(new URL("../../test/vectors/password-hashes.json", import.meta.url), "utf8"),
) as { vectors: Vector[] };
const legacy = ["sha1", "md5", "unsalted_sha1", "unsalted_md5"];

/** Each time by another one, which has seen no other hash and so makes no failure wait. */
const verify = (password: string, encoded: string) =>
  createPasswords({ hashers: [...defaultHashers, ...legacy] }).verify(password, encoded, someone);

/** The text with one parameter changed, where that makes another hash of the same shape. */
function otherParameters(encoded: string): string[] {
  const [algorithm, ...parts] = encoded.split("$");
  const at = (index: number, by: (value: number) => number) =>
    [algorithm, ...parts.map((part, i) => (i === index ? String(by(Number(part))) : part))].join("$");
  const half = (value: number) => (value > 2 ? value / 2 : value * 2);
  const less = (value: number) => (value > 1 ? value - 1 : value + 1);
  if (algorithm === "scrypt") return [at(0, half), at(2, less), at(3, less)];
  if (algorithm?.startsWith("pbkdf2")) return [at(0, less)];
  if (algorithm?.startsWith("bcrypt"))
    return [encoded.replace(/\$(\d\d)\$/, (_, n) => `$${n === "12" ? "11" : "05"}$`)];
  if (algorithm !== "argon2") return [];
  const changed = ["m", "t", "p"].map((name) =>
    encoded.replace(
      new RegExp(`${name}=(\\d+)`),
      (_, n) => `${name}=${name === "m" ? Number(n) + 8 : less(Number(n))}`,
    ),
  );
  const variant = encoded.replace(/argon2(id|i|d)\$/, (_, n) => `argon2${n === "id" ? "i" : "id"}$`);
  return [...changed, variant, encoded.replace("v=19", "v=16")].filter((one) => one !== encoded);
}

describe("hashes that other implementations made", () => {
  test("are of every hasher", () => {
    const algorithms = new Set(vectors.map(({ encoded }) => encoded.split("$")[0]!));
    for (const name of [...defaultHashers, "sha1", "md5"]) expect(algorithms).toContain(name);
  });

  test.each(vectors.map((one) => [one.encoded.split("$")[0], one.what, one.maker, one] as const))(
    "%s: %s (%s)",
    { timeout: 60_000 },
    async (_algorithm, what, _maker, { password, encoded }) => {
      expect((await verify(password, encoded)).ok).toBe(true);
      // bcrypt reads 72 bytes.
      const longer = /^bcrypt\$/.test(encoded) && /72/.test(what) ? `x${password}` : `${password}x`;
      expect((await verify(longer, encoded)).ok).toBe(false);
    },
  );

  test("match with no other parameter", { timeout: 60_000 }, async () => {
    const cheap = vectors.filter(
      ({ encoded }) => !/\$1000000\$|\$1200000\$|\$600000\$|^scrypt\$131072/.test(encoded),
    );
    let tried = 0;
    const matched: string[] = [];
    for (const { password, encoded } of cheap) {
      for (const other of otherParameters(encoded)) {
        tried++;
        if ((await verify(password, other)).ok) matched.push(other);
      }
    }
    expect(matched).toEqual([]);
    expect(tried).toBeGreaterThan(100);
  });
});

describe("scrypt hashes of this product that say five lanes and were computed with one", () => {
  const salt = "saltsaltsaltsaltsalt22";
  const wrong = `scrypt$16384$${salt}$8$5$${scryptSync("12345678aA", salt, 64, { N: 16_384, r: 8, p: 1 }).toString("base64")}`;

  test.each([["scrypt"], ["argon2"]])("verify with %s first, and are renewed", async (name) => {
    const others = defaultHashers.filter((one) => one !== name);
    const some = createPasswords({ hashers: [name, ...others] });
    expect(await some.verify("12345678aA", wrong, someone)).toEqual({
      ...{ ok: true, needsRehash: true },
      matched: "12345678aA",
    });
    expect((await some.verify("12345678aB", wrong, someone)).ok).toBe(false);
    const renewed = await some.hash("12345678aA", someone);
    expect(await some.verify("12345678aA", renewed, someone)).toMatchObject({ ok: true, needsRehash: false });
  });

  test("are not written any more: scrypt with its parameters' short names computes the same", async () => {
    const [, n, itsSalt, r, p, digest] = (
      await createPasswords({ hashers: ["scrypt"] }).hash("12345678aA", someone)
    ).split("$");
    const parameters = { N: Number(n), r: Number(r), p: Number(p), maxmem: 1 << 26 };
    expect(p).toBe("5");
    expect(scryptSync("12345678aA", itsSalt!, 64, parameters).toString("base64")).toBe(digest);
  });
});
