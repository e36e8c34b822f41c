import { createHash } from "node:crypto";
import { hash, verify } from "@node-rs/bcrypt";
import type { Hasher } from "./hasher.ts";
import type { HasherName } from "./hasher-names.ts";

/**
 * bcrypt as Django writes it: the algorithm's name, `$`, then the modular crypt string.
 * `bcrypt_sha256` hashes the password's SHA-256 in hexadecimal first, because bcrypt reads 72 bytes only;
 * plain `bcrypt` keeps that limit, so that two passwords that agree in 72 bytes are the same to it.
 */
const ownRounds = 12;
/** Every round doubles the time; 14 take about a second. */
const maxRounds = 14;

const shape = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

export const bcrypt = bcryptOf("bcrypt", (password) => password);
export const bcryptSha256 = bcryptOf("bcrypt_sha256", (password) =>
  createHash("sha256").update(password).digest("hex"),
);

function bcryptOf(algorithm: HasherName, prepare: (password: string) => string): Hasher {
  return {
    algorithm,
    decoy: `${algorithm}$$2b$${ownRounds}$${".".repeat(53)}`,
    async hash(password) {
      return `${algorithm}$${await hash(prepare(password), ownRounds)}`;
    },
    read(encoded) {
      if (!encoded.startsWith(`${algorithm}$`)) return null;
      const crypt = encoded.slice(algorithm.length + 1);
      const rounds = Number(shape.exec(crypt)?.[1] ?? 0);
      if (rounds < 4 || rounds > maxRounds) return null;
      return {
        kind: `${algorithm}:${rounds}`,
        outdated: rounds < ownRounds,
        matches: (password) => verify(prepare(password), crypt),
      };
    },
  };
}
