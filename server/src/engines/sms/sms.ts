import { PermanentFailure } from "../jobs/jobs.ts";

/**
 * SMS as the domain sees it. Promise: `send` resolves only when the next hop has taken the message (or the mailbox has
 * stored it); it rejects with `PermanentFailure`, of a vendor `SmsRefused`, where a repeat can't help and with `SmsFailure`
 * where it may. It never tries again by itself: that is the job's, which knows until when it makes sense. No number and no
 * code is in an error's text.
 *
 * Vendors in China send approved templates: they are given `purpose`, `code` and `minutes`. The others are given `text`.
 */
export interface OutgoingSms {
  /** Eleven digits of mainland China; of another country E.164. */
  readonly to: string;
  /** What the code is for; chooses the template. */
  readonly purpose: string;
  /** Six digits: templates for codes take nothing else. Empty in a notice, which tells something and has no code. */
  readonly code: string;
  /** How long the code still lives; at least 1. */
  readonly minutes: number;
  /** The whole message in words, with the site's name in front. */
  readonly text: string;
  /** The id of the job that sends it, the same for every run. */
  readonly messageId: string;
  /** Which run of the job this is, from 1. */
  readonly attempt?: number;
  /** As MailFacts has it, for the record alone. */
  readonly askedBy?: number | undefined;
}

/** What the next hop said when it took a message. */
export interface SmsReceipt {
  readonly words: string;
  /** Its own id of the message. */
  readonly providerId?: string;
}

export interface SmsSender {
  /** The signal ends a delivery under way, for a worker that has to stop. */
  send(message: OutgoingSms, signal?: AbortSignal): Promise<SmsReceipt>;
  close(): Promise<void>;
}

/** What an operator may ask a vendor before the first message: nothing is sent for it. */
export interface VendorSender extends SmsSender {
  verify(): Promise<readonly VendorFinding[]>;
}

/** One thing that was asked; `isGood` is null where the vendor can't tell. */
export interface VendorFinding {
  readonly about: "reach" | "key" | "signature" | "template" | "balance";
  readonly isGood: boolean | null;
  /** The vendor's, or what was asked for: without secrets. */
  readonly words: string;
}

/** A failure that may pass: try again later. */
export class SmsFailure extends Error {
  override readonly name = "SmsFailure";
  /** Whether the message may have been sent all the same, so that a repeat may send it twice. */
  readonly mayBeSent: boolean;
  constructor(words: string, { mayBeSent = false }: { readonly mayBeSent?: boolean } = {}) {
    super(words);
    this.mayBeSent = mayBeSent;
  }
}

/** Why a vendor does not send a message, however often it is asked. */
export const smsRefusals = [
  // There is no such number, or it wants nothing more.
  "number",
  // The number had its share of the hour or the day.
  "too_often",
  ...(["balance", "signature", "template", "key", "content", "account"] as const),
] as const;
export type SmsRefusal = (typeof smsRefusals)[number];

/** What only the operator can put right: everybody waits for it in vain. */
export const isForOperator = (refusal: SmsRefusal): boolean =>
  refusal !== "number" && refusal !== "too_often";

export class SmsRefused extends PermanentFailure {
  readonly refusal: SmsRefusal;
  constructor(refusal: SmsRefusal, words: string) {
    super(words);
    this.refusal = refusal;
  }
}
