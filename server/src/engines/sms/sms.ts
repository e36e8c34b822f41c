/**
 * SMS as the domain sees it. Promise: `send` resolves only when the next hop has taken the message (or the mailbox has
 * stored it); it rejects with `PermanentFailure` where a repeat can't help and with `SmsFailure` where it may. It never
 * tries again by itself: that is the job's, which knows until when it makes sense. No number and no code is in an error's
 * text.
 *
 * Vendors in China send approved templates: they are given `purpose`, `code` and `minutes`. The others are given `text`.
 */
export interface OutgoingSms {
  /** Eleven digits of mainland China. */
  readonly to: string;
  /** What the code is for; chooses the template. */
  readonly purpose: string;
  /** Six digits: templates for codes take nothing else. */
  readonly code: string;
  /** How long the code still lives; at least 1. */
  readonly minutes: number;
  /** The whole message in words, without the signature that vendors put in front. */
  readonly text: string;
  /** The id of the job that sends it, the same for every run. */
  readonly messageId: string;
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
