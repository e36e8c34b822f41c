import type { Challenge, Payload } from "altcha-lib";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { randomBelow } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import { type Captcha, type CaptchaSubject, captchaLifeSeconds } from "./captcha.ts";

/**
 * The site's own captcha: a proof of work (altcha, version 2), without a third party, a picture or a sound. Nobody has to see
 * or hear anything; a browser computes for about a second. Attacks: an answer for another purpose or address (both are in
 * what is signed), an old one (its end is, too), one sent twice (captcha-gate.ts), work done ahead (salt and nonce are
 * random). Guards: captcha.test.ts, captcha.race.test.ts. It makes numbers of messages cost something; who pays for the
 * work gets through, so the limits count all the same.
 */
export interface AltchaDeps {
  readonly secretKeys: SecretKeys;
  readonly clock: Clock;
  /** Rounds to try at most; half of it on average. */
  readonly rounds?: number;
}

/** PBKDF2 iterations of one round: 1.5 ms on a server's core. */
const cost = 5000;
const algorithm = "PBKDF2/SHA-256";
const defaultRounds = 600;
/** Below it an answer is there before the page has shown that it works. */
const leastShare = 3;

export function createAltcha({ secretKeys, clock, rounds = defaultRounds }: AltchaDeps): Captcha {
  const secrets = deriveKeys(secretKeys, "captcha").map((key) => ({
    hmacSignatureSecret: hmac(key, "challenge").toString("base64url"),
    hmacKeySignatureSecret: hmac(key, "solution").toString("base64url"),
    key,
  }));
  const boundTo = (key: Buffer, { purpose, address }: CaptchaSubject) =>
    hmac(key, "for", purpose, address).toString("base64url").slice(0, 22);

  return {
    kind: "altcha",
    async ask(about) {
      const [{ createChallenge }, { deriveKey }] = await load();
      const { key, ...present } = secrets[0]!;
      const least = Math.ceil(rounds / leastShare);
      const challenge = await createChallenge({
        ...{ algorithm, cost, deriveKey, ...present },
        counter: least + randomBelow(rounds - least + 1),
        // In place of the library's own end, which is by the machine's clock.
        data: { for: boundTo(key, about), until: epochSeconds(clock) + captchaLifeSeconds },
      });
      return { kind: "altcha", challenge };
    },
    async verify(answer) {
      const payload = readPayload(answer.token);
      if (payload === null) return "refused";
      const { parameters } = payload.challenge;
      if (!(Number(parameters.data?.until) > epochSeconds(clock))) return "refused";
      const [{ verifySolution }, { deriveKey }] = await load();
      for (const { key, ...secret } of secrets) {
        if (parameters.data?.for !== boundTo(key, answer)) continue;
        const { verified } = await verifySolution({ ...payload, ...secret, deriveKey }).catch(() => ({
          verified: false,
        }));
        if (verified) return "passed";
      }
      return "refused";
    },
    /** One challenge, one message: everything else may be written anew without work. */
    idOf: (token) => readPayload(token)?.challenge.signature?.toLowerCase() ?? token,
    close: async () => {},
  };
}

const load = () => Promise.all([import("altcha-lib"), import("altcha-lib/algorithms/pbkdf2")]);

/** Only what we would have made: an algorithm or a cost of somebody else's choice is nobody's work. */
function readPayload(token: string): Payload | null {
  try {
    const { challenge, solution } = JSON.parse(Buffer.from(token, "base64").toString()) as Payload;
    const { parameters } = challenge as Challenge;
    if (parameters.algorithm !== algorithm || parameters.cost !== cost) return null;
    if (!Number.isInteger(solution.counter) || typeof solution.derivedKey !== "string") return null;
    return { challenge, solution };
  } catch {
    return null;
  }
}
