import { createHash } from "node:crypto";
import { constantTimeEqual } from "../kernel/constant-time.ts";
import type { Hasher } from "./hasher.ts";
import type { HasherName } from "./hasher-names.ts";

/**
 * What Django wrote before 1.4: one round of MD5 or SHA-1, with or without salt. They verify only where
 * PASSWORD_HASHERS names them, never hash a new password, and a log-in replaces them at once. A stolen table
 * of these is as good as plain text, hence off by default.
 */
export const sha1 = salted("sha1", 40);
export const md5 = salted("md5", 32);
export const unsaltedSha1 = unsalted("unsalted_sha1", "sha1", /^sha1\$\$([0-9a-f]{40})$/);
export const unsaltedMd5 = unsalted("unsalted_md5", "md5", /^(?:md5\$\$)?([0-9a-f]{32})$/);

function refuse(algorithm: string): () => Promise<string> {
  return async () => {
    throw new Error(`${algorithm} is for verifying old passwords only`);
  };
}

function hexOf(digest: string, text: string): string {
  return createHash(digest).update(text).digest("hex");
}

function salted(algorithm: "sha1" | "md5", length: number): Hasher {
  const shape = new RegExp(`^${algorithm}\\$([^$]{1,128})\\$([0-9a-f]{${length}})$`);
  return {
    algorithm,
    decoy: "",
    hash: refuse(algorithm),
    read(encoded) {
      const [, salt, expected] = shape.exec(encoded) ?? [];
      if (salt === undefined || expected === undefined) return null;
      return {
        kind: algorithm,
        outdated: true,
        matches: async (password) => constantTimeEqual(hexOf(algorithm, salt + password), expected),
      };
    },
  };
}

function unsalted(algorithm: HasherName, digest: string, shape: RegExp): Hasher {
  return {
    algorithm,
    decoy: "",
    hash: refuse(algorithm),
    read(encoded) {
      const expected = shape.exec(encoded)?.[1];
      if (expected === undefined) return null;
      return {
        kind: algorithm,
        outdated: true,
        matches: async (password) => constantTimeEqual(hexOf(digest, password), expected),
      };
    },
  };
}
