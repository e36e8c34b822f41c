import type { ShownCaptcha } from "../captcha/captcha-gate.ts";
import type { Db } from "../engines/database/database.ts";
import type { RateLimitRule } from "../engines/kv/rate-limit.ts";
import type { ErrorCode } from "../errors/error-codes.ts";
import type { Language } from "../words/language.ts";
import type { CodeClient } from "./code-client.ts";
import type { Purpose } from "./verification.ts";

/**
 * By what codes go out: e-mail (email-channel.ts) or SMS (sms-channel.ts). Everything that differs between the two is
 * here; what a code is, how often it may be tried and that it works once is the same for both, in the files beside.
 */
export interface CodeChannel {
  /**
   * Puts the message into the durable queue. Rejects with an AppError where the channel sends nothing now; then nothing of
   * it is left behind.
   */
  readonly send: (code: CodeToSend) => Promise<void>;
  /** The same as a part of a transaction; absent where something of it is counted outside the database. */
  readonly sendWithin?: (transaction: Db, code: CodeToSend) => Promise<void>;
  /**
   * Asked of strangers before anything is counted. Errors: those of the captcha's gate (captcha/captcha-gate.ts), where there is
   * a risk.
   */
  readonly guard?: (asked: GuardedRequest) => Promise<void>;
  /** A right code came back and was used up. Never rejects. */
  readonly proved?: (to: string, purpose: Purpose) => Promise<void>;
  /** Whose flag keeps the next code from being sent within the interval. */
  readonly flagOf: (client: CodeClient, purpose: Purpose) => string;
  /** How many codes one client network may ask for; known devices are not counted. */
  readonly perNetwork: readonly RateLimitRule[];
  /** How many wrong ones it may type. */
  readonly triesPerNetwork: RateLimitRule;
  readonly errors: {
    readonly tooFrequent: ErrorCode;
    readonly wrong: ErrorCode;
    /** Also for a code that was never sent, was used, or was tried too often. */
    readonly expired: ErrorCode;
  };
}

export interface GuardedRequest {
  /** The address or the number. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly client: CodeClient;
  readonly captcha: ShownCaptcha | "answered";
}

export interface CodeToSend {
  readonly codeId: string;
  /** The address or the number. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly language: Language;
  /** Whether an account has the address, or proved the number. */
  readonly hasAccount: boolean;
  /** How long the code lives from now, in milliseconds. */
  readonly lifeMillis: number;
}

/** What the message says is true when it is read: rounded down. */
export const lifeSecondsOf = ({ lifeMillis }: CodeToSend): number =>
  Math.max(1, Math.floor(lifeMillis / 1000));
