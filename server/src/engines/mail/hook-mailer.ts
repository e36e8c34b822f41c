import { type Clock, epochSeconds } from "../../kernel/clock.ts";
import { signedHeaders } from "../../kernel/webhook-signature.ts";
import { PermanentFailure } from "../jobs/jobs.ts";
import { ask, type HttpOpener, idIn, reach, type ServiceAnswer, textIn } from "./http-delivery.ts";
import { checkMail, type Mailer, MailFailure, mailIdOf } from "./mail.ts";
import type { Sender } from "./smtp-url.ts";

/**
 * Mails handed to a program of the operator's: one POST each, signed as a Standard Webhook, so that receivers have
 * libraries to check it with. The id is the mail's and the same for every try: a receiver that knows it has the mail
 * already. What is answered, and what it means: docs/mail.md.
 */
export interface HookMailerOptions {
  readonly url: string;
  readonly key: Buffer;
  readonly sender: Sender;
  readonly http: HttpOpener;
  readonly clock: Clock;
  /** Milliseconds for one delivery. Default 15,000. */
  readonly timeoutMillis?: number;
}

export function createHookMailer(options: HookMailerOptions): Mailer {
  const { url, key, sender, http, clock, timeoutMillis = 15_000 } = options;
  const { host } = new URL(url);
  return {
    async send(message, signal) {
      checkMail(message);
      const id = `mail_${mailIdOf(message.messageId)}`;
      const timestamp = epochSeconds(clock);
      const body = JSON.stringify({
        type: "mail.send",
        timestamp: new Date(timestamp * 1000).toISOString(),
        data: {
          kind: message.kind ?? "other",
          from: { name: sender.name, address: sender.address },
          ...{ to: message.to, subject: message.subject, text: message.text, html: message.html },
          headers: { ...message.headers },
        },
      });
      const headers = {
        "content-type": "application/json",
        ...signedHeaders(key, { id, seconds: timestamp, body }),
      };
      return read(host, id, await ask(http, { url, headers, body, timeoutMillis, signal }));
    },
    verify: async () => {
      await reach(http, url, timeoutMillis);
      return { isKeyTried: false };
    },
    close: () => http.close(),
  };
}

/** For good are the answers that are about this mail; a wrong signature or address is the operator's to put right. */
const refusals = new Set([400, 410, 413, 422]);

/** A program that gives the mail no id of its own reports of it by ours. */
function read(host: string, ourId: string, { status, json }: ServiceAnswer) {
  const told = [textIn(json, "code"), textIn(json, "message")].filter((text) => text !== "").join(" ");
  const words = `${host} ${status} ${told}`.trim();
  if (status >= 200 && status < 300) {
    return { words, providerId: idIn(json, "id") || ourId };
  }
  throw refusals.has(status) ? new PermanentFailure(words) : new MailFailure(words);
}
