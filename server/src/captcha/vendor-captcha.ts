import { ask, type HttpOpener, type ServiceAnswer } from "../engines/mail/http-delivery.ts";
import { objectOf } from "../engines/mail/mail-events.ts";
import { type CaptchaVerdict, captchaTimeoutMillis, type KeyFinding } from "./captcha.ts";

/** What the vendors' captchas share. */
export interface VendorCaptchaOptions {
  /** The endpoint's origin. */
  readonly url: string;
  readonly id: string;
  readonly secret: string;
  readonly http: HttpOpener;
  /** Default: two seconds. */
  readonly timeoutMillis?: number;
}

export type Json = Readonly<Record<string, unknown>>;

export interface Question {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const formHeaders = { "content-type": "application/x-www-form-urlencoded" } as const;

/** What the vendor says by its answer; `unavailable` where there is no whole one, or one of trouble. */
export async function verdictOf(
  { url, http, timeoutMillis = captchaTimeoutMillis }: VendorCaptchaOptions,
  { path, headers, body }: Question,
  read: (json: Json, answer: ServiceAnswer) => CaptchaVerdict,
): Promise<CaptchaVerdict> {
  try {
    const answer = await ask(http, { url: `${url}${path}`, headers, body, timeoutMillis });
    return answer.status >= 500 ? "unavailable" : read(answer.json, answer);
  } catch {
    // Its words would be of no use to a visitor; the gate says in the log that there was no verdict.
    return "unavailable";
  }
}

/** What the vendor says of an answer that nobody gave; `read` has its verdict about our keys. Rejects where it can't be reached. */
export async function keysOf(
  { url, http, timeoutMillis = captchaTimeoutMillis }: VendorCaptchaOptions,
  { path, headers, body }: Question,
  read: (json: Json, answer: ServiceAnswer) => boolean | null,
): Promise<KeyFinding> {
  const answer = await ask(http, { url: `${url}${path}`, headers, body, timeoutMillis });
  const isGood = answer.status >= 500 ? null : read(answer.json, answer);
  const { host } = new URL(url);
  return { isGood, words: `${host}: ${answer.status} ${codesIn(answer.json)}`.trim() };
}

/** The codes alone: other texts could repeat what was asked. */
function codesIn(json: Json): string {
  const { Error: error, CaptchaCode } = objectOf(json.Response);
  const { VerifyCode } = objectOf(json.Result);
  const all = [
    json["error-codes"],
    json.status,
    json.code,
    json.Code,
    objectOf(error).Code,
    CaptchaCode,
    VerifyCode,
  ];
  const codes = all.flat().filter((one) => typeof one === "string" || typeof one === "number");
  return codes
    .map((one) =>
      String(one)
        .replaceAll(/[^\w.-]/g, "")
        .slice(0, 60),
    )
    .join(" ");
}

/** A token that is a JSON object of texts, as those vendors' pages give several values; null for anything else. */
export function textsIn(token: string, names: readonly string[]): Readonly<Record<string, string>> | null {
  try {
    const value = JSON.parse(token) as Json;
    const found = names.map((name) => [name, value?.[name]] as const);
    if (!found.every(([, text]) => typeof text === "string" && text !== "")) return null;
    return Object.fromEntries(found) as Record<string, string>;
  } catch {
    return null;
  }
}
