import { hash, verify } from "@node-rs/argon2";
import { decoySalt, type Hasher, makeSalt } from "./hasher.ts";

/**
 * Argon2 (RFC 9106) as Django writes it: `argon2$` and then the PHC string. New hashes are argon2id with
 * OWASP's parameters: 19 MiB, two passes, one lane. The native function runs on libuv's thread pool;
 * measured in November 2026, two in flight on two cores: 135/s, node:crypto's argon2 47/s.
 */
const argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Django's own default is 100 MiB, two passes, eight lanes: about 80 ms here. Eight times that is refused. */
const limits = { memoryKib: 262_144, passes: 16, lanes: 16, memoryTimesPasses: 1 << 20 };

const shape =
  /^argon2\$(argon2(?:id|i|d))\$(?:v=(16|19)\$)?m=(\d{1,9}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,128})\$([A-Za-z0-9+/]{11,128})$/;

export const argon2: Hasher = {
  algorithm: "argon2",
  decoy: `argon2$argon2id$v=19$m=${argon2Parameters.memoryCost},t=${argon2Parameters.timeCost},p=${argon2Parameters.parallelism}$${decoySalt}$${"A".repeat(43)}`,
  async hash(password) {
    const salt = Buffer.from(makeSalt());
    return `argon2${await hash(password, { ...argon2Parameters, salt })}`;
  },
  read(encoded) {
    const found = shape.exec(encoded);
    if (!found) return null;
    const [, variant, version = "16"] = found;
    const [memory, passes, lanes] = [Number(found[3]), Number(found[4]), Number(found[5])];
    if (lanes < 1 || passes < 1 || memory < 8 * lanes) return null;
    if (memory > limits.memoryKib || passes > limits.passes || lanes > limits.lanes) return null;
    if (memory * passes > limits.memoryTimesPasses) return null;
    const current =
      variant === "argon2id" &&
      version === "19" &&
      memory === argon2Parameters.memoryCost &&
      passes === argon2Parameters.timeCost &&
      lanes === argon2Parameters.parallelism;
    return {
      kind: `argon2:${variant}:${version}:${memory}:${passes}:${lanes}`,
      outdated: !current,
      matches: (password) => verify(encoded.slice("argon2".length), password),
    };
  },
};
