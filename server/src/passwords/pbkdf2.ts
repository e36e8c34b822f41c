import { pbkdf2 as deriveWithCallback } from "node:crypto";
import { promisify } from "node:util";
import { constantTimeEqual } from "../kernel/constant-time.ts";
import { decoySalt, type Hasher, makeSalt, readNumber } from "./hasher.ts";
import type { HasherName } from "./hasher-names.ts";

/**
 * PBKDF2 (RFC 8018): `pbkdf2_sha256$iterations$salt$base64`, Django's default since 1.4 and what the
 * original's accounts have (120,000 iterations).
 */
const derive = promisify(deriveWithCallback);

/** Django 6 uses 1,200,000. Four million take 0.7 s on one thread here; more is refused. */
const maxIterations = 4_000_000;

export const pbkdf2Sha256 = pbkdf2("pbkdf2_sha256", "sha256", 32, 600_000);
/** OWASP's count for SHA-1; only for reading along with a Django that prefers it. */
export const pbkdf2Sha1 = pbkdf2("pbkdf2_sha1", "sha1", 20, 1_300_000);

function pbkdf2(algorithm: HasherName, digest: string, bytes: number, ownIterations: number): Hasher {
  const digestText = async (password: string, salt: string, iterations: number) =>
    (await derive(password, salt, iterations, bytes, digest)).toString("base64");
  return {
    algorithm,
    decoy: [algorithm, ownIterations, decoySalt, Buffer.alloc(bytes).toString("base64")].join("$"),
    async hash(password) {
      const salt = makeSalt();
      return [algorithm, ownIterations, salt, await digestText(password, salt, ownIterations)].join("$");
    },
    read(encoded) {
      const parts = encoded.split("$");
      const iterations = readNumber(parts[1]);
      const [name, , salt, expected] = parts;
      if (parts.length !== 4 || name !== algorithm || iterations === null || iterations > maxIterations)
        return null;
      if (!salt || salt.length > 128 || !expected) return null;
      return {
        kind: `${algorithm}:${iterations}`,
        outdated: iterations < ownIterations,
        matches: async (password) =>
          constantTimeEqual(await digestText(password, salt, iterations), expected),
      };
    },
  };
}
