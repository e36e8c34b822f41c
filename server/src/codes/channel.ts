import type { CaptchaPass, ShownCaptcha } from "../captcha/captcha-gate.ts";
import type { Db } from "../engines/database/database.ts";
import type { Operation } from "../engines/kv/kv.ts";
import type { RateLimitRule } from "../engines/kv/rate-limit.ts";
import type { ErrorCode } from "../errors/error-codes.ts";
import type { AppError } from "../errors/errors.ts";
import type { Language } from "../words/language.ts";
import type { CodeClient } from "./code-client.ts";
import type { CodeKeys } from "./code-keys.ts";
import type { Purpose } from "./verification.ts";

/**
 * By what codes go out: e-mail (email-channel.ts) or SMS (sms-channel.ts). Everything that differs between the two is
 * here; what a code is, how often it may be tried and that it works once is the same for both, in the files beside.
 */
export interface CodeChannel {
  /** Puts the message into the durable queue, as a part of a transaction or alone. Absent where `counting` does it. */
  readonly send?: (code: CodeToSend, transaction?: Db) => Promise<void>;
  /** What is counted besides the flag and the network; absent where it is an address's windows of an hour and a day. */
  readonly counting?: (request: CountingRequest) => Counting;
  /** When strangers have to show a captcha; absent where they never have. */
  readonly captcha?: ChannelCaptcha;
  /** A right code came back and was used up. Never rejects. */
  readonly proved?: (to: string, purpose: Purpose) => Promise<void>;
  /** Whose flag keeps the next code from being sent within the interval. */
  readonly flagOf: (client: CodeClient, purpose: Purpose) => string;
  /** How many codes one client network may ask for; known devices are not counted. */
  readonly perNetwork: readonly RateLimitRule[];
  /** How many an account that is logged in may ask for; likewise. */
  readonly perAccount?: RateLimitRule;
  /** How many wrong ones it may type. */
  readonly triesPerNetwork: RateLimitRule;
  readonly errors: {
    readonly tooFrequent: ErrorCode;
    readonly wrong: ErrorCode;
    /** Also for a code that was never sent, was used, or was tried too often. */
    readonly expired: ErrorCode;
  };
}

/** A captcha has to be shown first; nothing is counted. It stays in this room: code-request.ts asks for the captcha. */
export class CaptchaDue extends Error {
  override readonly name = "CaptchaDue";
}

export interface ChannelCaptcha {
  /** How many a network may ask for without one; null where none is ever due. Counted as `perNetwork`, whose limits are higher. */
  readonly free: (purpose: Purpose) => readonly RateLimitRule[] | null;
  /** Whether it is due whatever the network asked for. */
  readonly isDue?: (to: string) => Promise<boolean>;
  /** Errors: those of the captcha's gate (captcha/captcha-gate.ts). */
  readonly expect: (asked: GuardedRequest) => Promise<CaptchaPass>;
}

/** The network's rules, one of them with as many as go without a captcha; 0 = all. */
export const freeRules = (
  rules: readonly RateLimitRule[],
  counted: RateLimitRule,
  mostFree: number,
): readonly RateLimitRule[] =>
  rules.map((rule) =>
    rule === counted && mostFree > 0 && mostFree < rule.limit ? { ...rule, limit: mostFree } : rule,
  );

/** Counted in a place of its own: all of it, or nothing and an error. */
export interface Count {
  take(): Promise<void>;
  /** Never rejects. */
  giveBack(): Promise<void>;
}

/** What one request counts, from its beginning to the message. */
export interface Counting {
  /** Taken together with the network's. Errors: CaptchaDue, and the channel's. */
  readonly counts: readonly Count[];
  /** What goes into the address's step besides the flag, by what was read. Error: the channel's `tooFrequent`. */
  steps(): readonly Operation[];
  /** Why one of these was refused; null after reading again, where somebody else was there first. */
  refusal(at: number, retryAfterSeconds: number): Promise<AppError | null>;
  /** Takes back what the address's step did. Never rejects. */
  giveBackSteps(): Promise<void>;
  send(code: CodeToSend, by: CountedSubjects): Promise<void>;
}

export interface CountingRequest {
  /** The address or the number, and its keys in the store. */
  readonly to: string;
  readonly keys: CodeKeys;
  readonly purpose: Purpose;
  readonly client: CodeClient;
  /** Whether the known devices' part is the asker's. */
  readonly isTrusted: boolean;
  /** Whether no captcha is to be asked for. */
  readonly isPassed: boolean;
}

/** Whose counts the request is in, as they stand in keys; null for who isn't counted by it. */
export interface CountedSubjects {
  readonly network: string | null;
  readonly wider: string | null;
  readonly account: string | null;
}

export interface GuardedRequest {
  /** The address or the number. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly client: CodeClient;
  readonly captcha: ShownCaptcha;
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
  /** The account that was logged in when it was asked for; what the message leaves goes with it. */
  readonly askedBy: number | undefined;
}

/** What the message says is true when it is read: rounded down. */
export const lifeSecondsOf = ({ lifeMillis }: CodeToSend): number =>
  Math.max(1, Math.floor(lifeMillis / 1000));
