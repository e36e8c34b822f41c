import { maskText } from "../../kernel/mask.ts";
import { idIn } from "./http-delivery.ts";
import type { ReportedState } from "./mail-record.ts";

/**
 * What mail services report of a mail that they took, in their own shapes: Resend's (resend.com/docs/webhooks/event-types)
 * and the same by a program of the site's, and DirectMail's events as EventBridge has them. Trusts nothing in them; what is
 * about opened mails, clicked links or inbound mail is null.
 */
export interface MailEvent {
  /** The service's id of the mail. */
  readonly providerId: string;
  readonly state: ReportedState;
  /** The service's, without addresses and codes. */
  readonly words: string;
  /** When it happened, in epoch milliseconds; NaN where it isn't said. */
  readonly at: number;
}

type Json = Readonly<Record<string, unknown>>;

/** By the last word of the type: `email.bounced` of Resend, `mail.bounced` of one's own program. */
const types: Readonly<Record<string, ReportedState>> = {
  delivered: "delivered",
  bounced: "bounced",
  failed: "bounced",
  suppressed: "bounced",
  complained: "complained",
};

/** Of Resend or a program that reports in its shape. */
export function readStandardEvent(json: Json): MailEvent | null {
  const [, name = ""] = /^e?mail\.(\w{1,20})$/.exec(textOf(json.type)) ?? [];
  const state = Object.hasOwn(types, name) ? types[name] : undefined;
  const data = objectOf(json.data);
  const providerId = idIn(data, "email_id") || idIn(data, "id");
  if (state === undefined || providerId === "") return null;
  const detail = ["bounce", "failed", "suppressed"].map((part) => objectOf(data[part]));
  const words = wordsOf(
    ...detail.flatMap(({ type, subType, reason, message }) => [type, subType, reason, message]),
    data.words,
  );
  return { providerId, state, words, at: Date.parse(textOf(json.created_at) || textOf(json.timestamp)) };
}

const directMailTypes: Readonly<Record<string, ReportedState>> = {
  "dm:Deliver:Succeed": "delivered",
  "dm:Deliver:Fail": "bounced",
  "dm:Feedback:FblReport": "complained",
};

/** Of DirectMail: CloudEvents of the source acs.dm, by EventBridge. */
export function readDirectMailEvent(json: Json): MailEvent | null {
  const type = textOf(json.type);
  const state = Object.hasOwn(directMailTypes, type) ? directMailTypes[type] : undefined;
  const data = objectOf(json.data);
  const providerId = idIn(data, "env_id");
  if (state === undefined || providerId === "") return null;
  const words = wordsOf(data.failed_type, data.err_code, data.err_msg);
  return { providerId, state, words, at: Date.parse(textOf(json.time)) };
}

const longestWords = 300;
/** A code as mails have it: a server may quote the mail that it sends back. */
const likeCode = /(?<![\p{L}\p{N}])[2-9A-HJKMNP-Z](?:[\s-]?[2-9A-HJKMNP-Z]){5}(?![\p{L}\p{N}])/gu;

function wordsOf(...parts: readonly unknown[]): string {
  const given = parts.filter((part) => typeof part === "string" && part.trim() !== "");
  const line = given
    .join(" ")
    .slice(0, 4 * longestWords)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return maskText(line).replaceAll(likeCode, "…").slice(0, longestWords);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : "");

export function objectOf(value: unknown): Json {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Json) : {};
}
