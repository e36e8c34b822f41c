import { scrypt as deriveWithCallback } from "node:crypto";
import { promisify } from "node:util";
import { constantTimeEqual } from "../kernel/constant-time.ts";
import { decoySalt, type Hasher, makeSalt, readNumber } from "./hasher.ts";

/** scrypt (RFC 7914) as Django 4.0 and later write it: `scrypt$N$salt$r$p$base64`, 64 bytes. */
const derive = promisify<string, string, number, Required<Parameters>, Buffer>(deriveWithCallback);

/**
 * By the names that node:crypto reads; it ignores any other without a word. Guard: foreign-hashes.test.ts, whose
 * hashes other implementations made, each parameter away from its default.
 */
interface Parameters {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly maxmem?: number;
}

/** Django 5.1's parameters. With its salt of 22 characters they make 128, exactly what Django's column holds. */
const own = { cost: 16_384, blockSize: 8, parallelization: 5 };
/** 128 MiB of memory, and twice the work of OWASP's strongest choice. */
const limits = { costTimesBlock: 1 << 20, work: 1 << 21 };

export const scrypt: Hasher = {
  algorithm: "scrypt",
  decoy: encode(decoySalt, Buffer.alloc(64).toString("base64")),
  async hash(password) {
    const salt = makeSalt();
    return encode(salt, await digestText(password, salt, own));
  },
  read(encoded) {
    const parts = encoded.split("$");
    const [name, costText, salt, blockText, lanesText, expected] = parts;
    const [cost, blockSize, parallelization] = [
      readNumber(costText),
      readNumber(blockText),
      readNumber(lanesText),
    ];
    if (parts.length !== 6 || name !== "scrypt" || !salt || salt.length > 128 || !expected) return null;
    if (cost === null || blockSize === null || parallelization === null) return null;
    if (cost < 2 || (cost & (cost - 1)) !== 0 || cost * blockSize > limits.costTimesBlock) return null;
    if (cost * blockSize * parallelization > limits.work) return null;
    const matchesWith = (parameters: Parameters) => async (password: string) =>
      constantTimeEqual(await digestText(password, salt, parameters), expected);
    const kind = kindOf({ cost, blockSize, parallelization });
    return {
      kind,
      outdated: cost * blockSize * parallelization < own.cost * own.blockSize * own.parallelization,
      matches: matchesWith({ cost, blockSize, parallelization }),
      // Before December 2026 this product wrote hashes that say five lanes and were computed with one.
      ...(kind === kindOf(own) ? { otherwise: matchesWith({ ...own, parallelization: 1 }) } : {}),
    };
  },
};

function kindOf({ cost, blockSize, parallelization }: Parameters): string {
  return `scrypt:${cost}:${blockSize}:${parallelization}`;
}

function encode(salt: string, digest: string): string {
  return ["scrypt", own.cost, salt, own.blockSize, own.parallelization, digest].join("$");
}

async function digestText(password: string, salt: string, parameters: Parameters): Promise<string> {
  const { cost, blockSize, parallelization } = parameters;
  // OpenSSL counts a little more than 128 * N * r; without the allowance Node refuses its own limit.
  const maxmem = 128 * (cost + parallelization + 2) * blockSize + 1_048_576;
  return (await derive(password, salt, 64, { cost, blockSize, parallelization, maxmem })).toString("base64");
}
