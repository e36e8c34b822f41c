import { scrypt as deriveWithCallback, type ScryptOptions } from "node:crypto";
import { promisify } from "node:util";
import { constantTimeEqual } from "../lib/constant-time.ts";
import { type Hasher, makeSalt, readNumber } from "./hasher.ts";

/** scrypt (RFC 7914) as Django 4.0 and later write it: `scrypt$N$salt$r$p$base64`, 64 bytes. */
const derive = promisify<string, string, number, ScryptOptions, Buffer>(deriveWithCallback);

/** Django 5's parameters. With its salt of 22 characters they make 128, exactly what Django's column holds. */
const own = { cost: 16_384, blockSize: 8, parallelism: 5 };
/** 128 MiB of memory, and twice the work of OWASP's strongest choice. */
const limits = { costTimesBlock: 1 << 20, work: 1 << 21 };

export const scrypt: Hasher = {
  algorithm: "scrypt",
  ownKind: `scrypt:${own.cost}:${own.blockSize}:${own.parallelism}`,
  async hash(password) {
    const salt = makeSalt();
    const digest = await digestText(password, salt, own);
    return ["scrypt", own.cost, salt, own.blockSize, own.parallelism, digest].join("$");
  },
  read(encoded) {
    const parts = encoded.split("$");
    const [name, costText, salt, blockText, lanesText, expected] = parts;
    const [cost, blockSize, parallelism] = [
      readNumber(costText),
      readNumber(blockText),
      readNumber(lanesText),
    ];
    if (parts.length !== 6 || name !== "scrypt" || !salt || salt.length > 128 || !expected) return null;
    if (cost === null || blockSize === null || parallelism === null) return null;
    if (cost < 2 || (cost & (cost - 1)) !== 0 || cost * blockSize > limits.costTimesBlock) return null;
    if (cost * blockSize * parallelism > limits.work) return null;
    const parameters = { cost, blockSize, parallelism };
    const weaker = cost * blockSize * parallelism < own.cost * own.blockSize * own.parallelism;
    return {
      kind: `scrypt:${cost}:${blockSize}:${parallelism}`,
      outdated: weaker,
      matches: async (password) => constantTimeEqual(await digestText(password, salt, parameters), expected),
    };
  },
};

async function digestText(password: string, salt: string, parameters: typeof own): Promise<string> {
  // OpenSSL counts a little more than 128 * N * r; without the allowance Node refuses its own limit.
  const maxmem = 128 * (parameters.cost + parameters.parallelism + 2) * parameters.blockSize + 1_048_576;
  return (await derive(password, salt, 64, { ...parameters, maxmem })).toString("base64");
}
