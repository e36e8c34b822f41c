import { PermanentFailure } from "../jobs/jobs.ts";
import { ask, type HttpOpener, idIn, type ServiceAnswer, textIn } from "./http-delivery.ts";
import {
  checkMail,
  KeyRefused,
  type Mailer,
  MailFailure,
  mailIdOf,
  messageIdOf,
  type Verified,
} from "./mail.ts";
import type { Sender } from "./smtp-url.ts";

/**
 * Mails through Resend, or a service of its shape (resend.com/docs/api-reference/emails/send-email): POST /emails. The
 * idempotency key is the mail's and the same for every try, so that a lost answer sends nothing twice.
 */
export interface ResendMailerOptions {
  /** Below which /emails is. */
  readonly url: string;
  readonly apiKey: string;
  readonly sender: Sender;
  readonly http: HttpOpener;
  /** Milliseconds for one delivery. Default 15,000. */
  readonly timeoutMillis?: number;
}

export function createResendMailer(options: ResendMailerOptions): Mailer {
  const { apiKey, sender, http, timeoutMillis = 15_000 } = options;
  const base = options.url.replace(/\/+$/, "");
  const url = `${base}/emails`;
  const authorization = `Bearer ${apiKey}`;
  const { host } = new URL(url);
  return {
    async send(message, signal) {
      checkMail(message);
      const body = JSON.stringify({
        from: sender.name === "" ? sender.address : `${quoted(sender.name)} <${sender.address}>`,
        ...{ to: [message.to], subject: message.subject, text: message.text, html: message.html },
        headers: {
          ...message.headers,
          "Message-ID": messageIdOf(message.messageId, sender.domain),
          // Keeps holiday answers away (RFC 3834 section 5).
          "Auto-Submitted": "auto-generated",
        },
      });
      const headers = {
        "content-type": "application/json",
        authorization,
        "idempotency-key": mailIdOf(message.messageId),
      };
      return read(host, await ask(http, { url, headers, body, timeoutMillis, signal }));
    },
    async verify() {
      // Lists the sender's domains: changes nothing, and a key that may only send is told so.
      const asked = {
        url: `${base}/domains`,
        method: "GET",
        headers: { authorization },
        body: null,
      } as const;
      return readTrial(host, await ask(http, { ...asked, timeoutMillis }));
    },
    close: () => http.close(),
  };
}

/** A display name as RFC 5322 has it where it has more than letters. */
function quoted(name: string): string {
  return /^[\p{L}\p{N} ]+$/u.test(name) ? name : `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** What a trial of the key came to; a service of Resend's shape without that list says nothing about the key. */
function readTrial(host: string, { status, json }: ServiceAnswer): Verified {
  const [name, said] = [textIn(json, "name"), textIn(json, "message")];
  if (status === 200 || name === "restricted_api_key") return { isKeyTried: true };
  const isRefused = status === 401 || status === 403 || /api_key/.test(name) || /api key/i.test(said);
  if (isRefused)
    throw new KeyRefused([host, String(status), name, said].filter((one) => one !== "").join(" "));
  return { isKeyTried: false };
}

/**
 * Names of resend.com/docs/api-reference/errors under a 4xx status that are about us and not about the mail: the key, the
 * sender, the quota. The operator can put them right while the mail is still wanted.
 */
const forNow = /api_key|from_address|access|quota|rate_limit|concurrent|security|application_error/;

function read(host: string, { status, json }: ServiceAnswer) {
  const [name, said, id] = [textIn(json, "name"), textIn(json, "message"), idIn(json, "id")];
  const words = [host, String(status), name, said].filter((text) => text !== "").join(" ");
  if (status >= 200 && status < 300) {
    if (id === "") throw new MailFailure(`${host} ${status} without the mail's id`);
    return { words: `${host} ${status} ${id}`, providerId: id };
  }
  // The key is known with another text: the first try was taken, and the mail has been written anew since.
  if (name === "invalid_idempotent_request") return { words };
  const isAboutMail = (status === 400 || status === 422) && !forNow.test(name) && !/api key/i.test(said);
  throw isAboutMail ? new PermanentFailure(words) : new MailFailure(words);
}
