/**
 * A captcha as the rest of the server sees it: one's own (altcha.ts) or a vendor's, by CAPTCHA_URL. Promises: a verdict
 * within two seconds; a token passes once, whatever its vendor thinks (captcha-gate.ts); no secret and no token in an
 * error or a log.
 */
export interface Captcha {
  readonly kind: CaptchaKind;
  /** Whether its vendor hands on to the check what the page was given (`bound`). */
  readonly passesOn?: boolean | undefined;
  /** What a client needs to answer one: for the answer 403 `captcha_required`. */
  ask(about: CaptchaSubject): Promise<CaptchaTask>;
  /** Never rejects for what a client sent or a vendor said. */
  verify(answer: CaptchaAnswer): Promise<CaptchaVerdict>;
  /**
   * What of a token is used up, where that is less than the whole of it: a text may be written in many ways that all mean one answer.
   * Called for tokens that passed.
   */
  readonly idOf?: (token: string) => string;
  /** For the doctor: what the vendor says of our keys, asked with an answer that nobody gave. Rejects where it can't be reached. */
  readonly tryKeys?: () => Promise<KeyFinding>;
  close(): Promise<void>;
}

export interface KeyFinding {
  /** Null: the vendor does not tell a wrong key from a wrong answer. */
  readonly isGood: boolean | null;
  /** What it said; no secret. */
  readonly words: string;
}

export const captchaKinds = ["altcha", "turnstile", "hcaptcha", "geetest", "tencent", "aliyun"] as const;
export type CaptchaKind = (typeof captchaKinds)[number];

/** `unavailable`: nobody could say. Who asked for it decides: closed for SMS, open for a log-in. */
export type CaptchaVerdict = "passed" | "refused" | "unavailable";

/** For what an answer is good, and for nothing else. */
export interface CaptchaSubject {
  /** Of the code, as `send_type` has it. */
  readonly purpose: string;
  /** The address or the number. */
  readonly address: string;
}

export interface CaptchaAnswer extends CaptchaSubject {
  readonly token: string;
  /** What came with the question (captcha-handle.ts); null where the client shows none. */
  readonly handle: string | null;
  /** What the vendor has to have been given: the handle's seal. */
  readonly bound?: string;
  /** The visitor's IP address, for vendors that compare it. */
  readonly clientAddress: string;
}

/** As it is answered: `kind`, and by kind `challenge` (altcha) or `site_key` with `action`, and of a vendor `handle`. */
export interface CaptchaTask {
  readonly kind: CaptchaKind;
  readonly challenge?: object;
  readonly site_key?: string;
  readonly action?: string;
  /** Aliyun: the scene. */
  readonly scene?: string;
  /** To be sent back with the token. */
  readonly handle?: string;
  /** Turnstile: what its page is to be given as `cData`. */
  readonly bound?: string;
}

/** How long a vendor may take for its verdict. */
export const captchaTimeoutMillis = 2000;
/** How long an answer may be sent after it was asked for; at least what vendors keep theirs. */
export const captchaLifeSeconds = 600;
/** Of an answer: the longest of any vendor's, with room. */
export const captchaTokenLimit = 8192;
