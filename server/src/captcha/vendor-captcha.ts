import { ask, type HttpOpener, type ServiceAnswer } from "../engines/mail/http-delivery.ts";
import { type CaptchaVerdict, captchaTimeoutMillis } from "./captcha.ts";

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
