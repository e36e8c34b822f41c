import type { FastifyBaseLogger as Log } from "fastify";
import type { Db } from "../engines/database/database.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { StepUpAction } from "../kernel/step-up-actions.ts";
import { codeSpanSeconds } from "./address-steps.ts";
import type { CodeChannel } from "./channel.ts";
import type { CodeOf } from "./code.ts";
import { createCodeClients, type DeviceOf } from "./code-client.ts";
import { createCodeKeys, endCode } from "./code-keys.ts";
import { createCodeRequests } from "./code-request.ts";
import { createCodeTries } from "./code-tries.ts";
import { insertUsedCode } from "./used-codes.ts";

/**
 * Verification codes by e-mail or by SMS (`channel`): asked for (code-request.ts), typed (code-tries.ts), used up. Promises: a code
 * works for its purpose and address alone, for its life, for a bounded number of tries, and once, together with
 * what it authorises. An answer of "sent" means that the message is in the durable queue.
 * Never: a code in a log, a store or a job; a difference in the answer between known and unknown addresses; one
 * client deciding over another's code, tries or mails beyond what docs/threats.md says.
 */
export type Purpose = AskedPurpose | "changeMobile" | StepUpPurpose;

/** What people ask for by the address alone. */
export type AskedPurpose = "register" | "resetpwd" | "bindAccount" | "changeEmail" | "signIn";

/** That the account's owner asks, for one action: a code for one is none for another. */
export type StepUpPurpose = `stepUp-${StepUpAction}`;

export interface VerificationDeps {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly codeOf: CodeOf;
  readonly deviceOf: DeviceOf;
  readonly channel: CodeChannel;
  readonly secretKeys: SecretKeys;
  readonly codeLifeSeconds: number;
  readonly sendIntervalSeconds: number;
  /** Codes sent to one address or number, whoever asks. */
  readonly codesPerHour: number;
  readonly codesPerDay: number;
  /** How many times what one network may an IPv6 /48 may. */
  readonly widerNetworkFactor: number;
  /** Wrong codes of everybody within an hour that are worth a warning. */
  readonly wrongCodeAlarm: number;
}

/** A right code, not yet used up. `consume` it inside the transaction of what it authorises. */
export interface Proof {
  readonly codeId: string;
  readonly purpose: Purpose;
  /** The address or the number. */
  readonly to: string;
  /** Keys of what counted the try. */
  readonly countedBy: readonly string[];
}

/** How long after its check a log-in that waits for the second factor may use the code up (sign-in/pending-step.ts). */
const heldSeconds = 600;

export type Verifications = ReturnType<typeof createVerifications>;

export function createVerifications(deps: VerificationDeps) {
  const [present, ...before] = deps.secretKeys;
  const keysOf = createCodeKeys(present);
  const keysBefore = before.map(createCodeKeys);
  const parts = { ...deps, keysOf, keysBefore, clientOf: createCodeClients(deps) };

  return {
    request: createCodeRequests(parts),

    check: createCodeTries(parts),

    /**
     * What comes before the code is used, and costs nothing where it fails: a password that is refused, a queue that is
     * full. Then the try is given back, or five such would end a code that nobody guessed at.
     */
    async orGiveBack<Result>({ countedBy }: Proof, work: () => Promise<Result>): Promise<Result> {
      try {
        return await work();
      } catch (error) {
        await deps.kv.batch(countedBy.map((key) => ({ verb: "decrement", key })));
        throw error;
      }
    },

    /**
     * Uses the code up, in the transaction of its effect: of several transactions with one code exactly one
     * commits, and a code whose effect failed stays usable. Error: the channel's `expired` when it was used already.
     */
    async consume(transaction: Db, proof: Proof): Promise<void> {
      const longest = Math.max(codeSpanSeconds, deps.codeLifeSeconds) + heldSeconds;
      const expiresAt = deps.clock.now() + longest * 1000;
      if (!(await insertUsedCode(transaction, proof.codeId, expiresAt)))
        throw new AppError(deps.channel.errors.expired);
    },

    /**
     * After the commit, once for each code: counts that it came back, and drops it. Not needed for safety, hence no error when the
     * store is away. Attack: the same right code tried again and again, so that a flood of others looks proved (guard:
     * captcha.test.ts).
     */
    async forget(proof: Proof): Promise<void> {
      await deps.channel.proved?.(proof.to, proof.purpose);
      for (const keys of [keysOf, ...keysBefore]) {
        await deps.kv.batch(endCode(keys(proof.to, proof.purpose), proof.codeId)).catch((error) => {
          deps.log.debug({ err: error }, "a used code stays until it expires");
        });
      }
    },
  };
}
