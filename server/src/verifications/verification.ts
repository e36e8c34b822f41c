import type { FastifyBaseLogger as Log } from "fastify";
import type { Db } from "../database/database.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { type KeyValue, key, type Operation } from "../kv/kv.ts";
import { createRateLimit } from "../kv/rate-limit.ts";
import { clientNetwork } from "../lib/client-address.ts";
import type { Clock } from "../lib/clock.ts";
import { constantTimeEqual } from "../lib/constant-time.ts";
import { AppError } from "../lib/errors.ts";
import { randomToken } from "../lib/ids.ts";
import { deriveKey, subjectOf } from "../lib/keys.ts";
import { nameKey } from "../lib/name-key.ts";
import { type CodeOf, normalizeCode } from "./code.ts";
import { verificationMailJob } from "./verification-jobs.ts";
import { insertUsedCode } from "./verification-store.ts";

/**
 * Verification codes by e-mail. Promises: one mail per address and interval, whatever the purpose; a code
 * works for its purpose and address alone, for its life, for at most five tries, and once, together with
 * what it authorises. An answer of "sent" means that the mail is in the durable queue.
 * Never: a code in a log, a store or a job; a difference in the answer between known and unknown addresses.
 */
export type Purpose = "register" | "resetpwd" | "bindAccount" | "changeEmail";

/** Tries at one code, the right one included (attack: guessing within its life; guard: code-limits.test.ts). */
export const triesPerCode = 5;

export interface VerificationDeps {
  readonly kv: KeyValue;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly codeOf: CodeOf;
  readonly secretKey: string;
  readonly codeLifeSeconds: number;
  readonly sendIntervalSeconds: number;
  /** Codes per client address and hour; 0 = unlimited. */
  readonly codeRequestLimit: number;
}

/** A right code, not yet used up. `consume` it inside the transaction of what it authorises. */
export interface Proof {
  readonly codeId: string;
  readonly purpose: Purpose;
  readonly email: string;
}

export type Verifications = ReturnType<typeof createVerifications>;

export function createVerifications(deps: VerificationDeps) {
  const addressKey = deriveKey(deps.secretKey, "verification address");
  const limit = createRateLimit(deps.kv);
  const perClient = { name: "codes", limit: deps.codeRequestLimit, windowSeconds: 3600 };

  /** Keys of one address share a hash tag and show nothing of it. */
  function keysOf(email: string, purpose: Purpose) {
    const subject = subjectOf(addressKey, nameKey(email));
    return {
      flag: key("sendFlag", subject),
      code: key("code", subject, purpose),
      tries: key("attempts", subject, purpose),
    };
  }

  return {
    /**
     * Makes a code and queues its mail; returns the seconds until the address may have another. Errors:
     * `code_too_frequent` (with the seconds to wait) within the interval, `throttled`, `unavailable` when the store or the queue can't be reached; then neither a code
     * nor a flag is left behind.
     */
    async request(input: {
      email: string;
      purpose: Purpose;
      language: "zh" | "en";
      client: string;
    }): Promise<{ retryAfterSeconds: number }> {
      await orUnavailable(limit.count(perClient, subjectOf(addressKey, clientNetwork(input.client))));
      const { email, purpose, language } = input;
      const keys = keysOf(email, purpose);
      const id = randomToken(16);
      const [flag] = await orUnavailable(
        deps.kv.batch([
          { verb: "add", key: keys.flag, value: "1", ttlSeconds: deps.sendIntervalSeconds },
          { verb: "set", key: keys.code, value: id, ttlSeconds: deps.codeLifeSeconds },
          { verb: "delete", key: keys.tries },
        ]),
      );
      if (flag!.refused)
        throw new AppError("code_too_frequent", { retryAfterSeconds: flag!.retryAfterSeconds });
      try {
        await deps.jobs.enqueue(
          verificationMailJob,
          { codeId: id, email, purpose, language },
          { deadlineAt: deps.clock.now() + deps.codeLifeSeconds * 1000 },
        );
      } catch (cause) {
        const undo: Operation[] = [
          { verb: "delete", key: keys.flag },
          { verb: "delete", key: keys.code },
        ];
        await deps.kv.batch(undo).catch((error) => {
          deps.log.warn({ err: error }, "could not take back the flag of a code that was not queued");
        });
        throw unavailable(cause);
      }
      return { retryAfterSeconds: deps.sendIntervalSeconds };
    },

    /**
     * Checks a typed code; the try is counted first and never given back. Errors: `code_wrong`; `code_expired`
     * also for one that was never sent, was used, or was tried too often.
     */
    async check(purpose: Purpose, email: string, typed: string): Promise<Proof> {
      const keys = keysOf(email, purpose);
      const [tries, code] = await deps.kv.batch([
        { verb: "increment", key: keys.tries, limit: triesPerCode, ttlSeconds: deps.codeLifeSeconds },
        { verb: "get", key: keys.code },
      ]);
      if (tries!.refused || code!.value === null) throw new AppError("code_expired");
      const right = deps.codeOf(code!.value, purpose, email);
      if (!constantTimeEqual(right, normalizeCode(typed))) throw new AppError("code_wrong");
      return { codeId: code!.value, purpose, email };
    },

    /**
     * Uses the code up, in the transaction of its effect: of several transactions with one code exactly one
     * commits, and a code whose effect failed stays usable. Error: `code_expired` when it was used already.
     */
    async consume(transaction: Db, proof: Proof): Promise<void> {
      const expiresAt = deps.clock.now() + deps.codeLifeSeconds * 1000;
      if (!(await insertUsedCode(transaction, proof.codeId, expiresAt))) throw new AppError("code_expired");
    },

    /** After the commit: drops the used code. Not needed for safety, hence no error when the store is away. */
    async forget(proof: Proof): Promise<void> {
      await deps.kv.delete(keysOf(proof.email, proof.purpose).code).catch((error) => {
        deps.log.debug({ err: error }, "a used code stays until it expires");
      });
    },
  };
}

function unavailable(cause: unknown): AppError {
  return new AppError("unavailable", { cause, retryAfterSeconds: 5 });
}

/** Whatever keeps the store from answering, the person may try again: nothing was sent. */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AppError ? error : unavailable(error);
  }
}
