import { createHash } from "node:crypto";
import { PermanentFailure } from "../jobs/jobs.ts";

/**
 * Mail as the domain sees it. Promise: `send` resolves only when the next hop has taken responsibility for
 * the message (or the mailbox has stored it); it rejects with `PermanentFailure` where a repeat can't help
 * and with `MailFailure` where it may. It never tries again by itself: that is the job's, which knows until
 * when it makes sense. No address, code or password is in an error's text.
 */
export interface OutgoingMail {
  /** One plain address, no display name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Further headers; names as in RFC 5322. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The id of the job that sends it. Becomes the Message-ID, so the same for every run of the job: mail
   * systems and the mailbox recognise a message sent twice because a worker was killed in between.
   */
  readonly messageId: string;
  /** What it is about, as `MailKind`; for whoever sends it by templates of their own, and for its state. */
  readonly kind?: string;
  /** The code in it, or a link's secret: what a server says of the mail is kept without it. */
  readonly code?: string;
  /** As MailFacts has it, for the record alone. */
  readonly askedBy?: number | undefined;
}

/** What the next hop said when it took a mail. */
export interface MailReceipt {
  readonly words: string;
  /** Its own id of the mail, by which it reports later what became of it. */
  readonly providerId?: string;
}

/** Whether the key was tried, too; else a service only answers, and says nothing of the key before the first mail. */
export interface Verified {
  readonly isKeyTried: boolean;
}

export interface Mailer {
  /**
   * The signal ends a delivery under way, for a worker that has to stop. Resolves with what the next hop said, if
   * it says anything.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a mailer that has nothing to report is an async function without a value.
  send(message: OutgoingMail, signal?: AbortSignal): Promise<MailReceipt | void>;
  /**
   * Rejects when mail could not be sent now: unreachable, log-in or key refused (`KeyRefused`). Sends none. Resolves with
   * what a service by HTTP let find out.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: as for send.
  verify(): Promise<Verified | void>;
  close(): Promise<void>;
}

/** A failure that may pass: try again later. */
export class MailFailure extends Error {
  override readonly name = "MailFailure";
}

/** The service knows no such key, or it is another's. */
export class KeyRefused extends MailFailure {}

/** A job's id as mails have it: hashed, because ids may hold characters a header may not. */
export function mailIdOf(jobId: string): string {
  return createHash("sha256").update(jobId).digest("hex").slice(0, 40);
}

/** The Message-ID (RFC 5322 section 3.6.4) of a job. */
export function messageIdOf(jobId: string, senderDomain: string): string {
  return `<${mailIdOf(jobId)}@${senderDomain}>`;
}
const controlCharacters = /\p{Cc}/u;
const headerName = /^[A-Za-z][A-Za-z0-9-]{0,60}$/;

/**
 * Refuses what could become a second recipient, header or SMTP command (CRLF injection, CWE-93). Callers
 * hand over checked addresses; this is the last door, and holds for whatever they forgot.
 */
export function checkMail(message: OutgoingMail): void {
  if (!/^[^\s@<>()[\],;:"\\]+@[^\s@<>()[\],;:"\\]+$/u.test(message.to) || message.to.length > 254)
    throw new PermanentFailure("the recipient is not one plain address");
  if (controlCharacters.test(message.to) || controlCharacters.test(message.subject))
    throw new PermanentFailure("control characters in the recipient or the subject");
  for (const [name, value] of Object.entries(message.headers ?? {}))
    if (!headerName.test(name) || controlCharacters.test(value))
      throw new PermanentFailure("a header's name or value is not allowed");
}
