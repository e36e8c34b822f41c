import { ask, type Delivery, type HttpOpener, type ServiceAnswer } from "../mail/http-delivery.ts";
import { MailFailure } from "../mail/mail.ts";
import { SmsFailure, type SmsRefusal, SmsRefused } from "./sms.ts";

/** What every sender by HTTP is made with; it closes the opener. */
export interface VendorOptions {
  readonly http: HttpOpener;
  /** Milliseconds for one delivery. */
  readonly timeoutMillis: number;
}

/** What an answer of a vendor means; `again` may have been sent, `later` was not. */
type Verdict = SmsRefusal | "later" | "again";

/** The first rule that fits a code decides. */
export type Rules = readonly (readonly [codes: RegExp, verdict: Verdict])[];

/** Whoever wasn't reached at all sent nothing. */
const unreached =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS|ERR_TLS_\w+|CERT_\w+|\w*CERT\w*)$/;

/** Asks a vendor. Error: `SmsFailure` where there is no whole answer. */
export async function askVendor(
  { http, timeoutMillis }: VendorOptions,
  delivery: Omit<Delivery, "timeoutMillis">,
): Promise<ServiceAnswer> {
  try {
    return await ask(http, { ...delivery, timeoutMillis });
  } catch (error) {
    if (!(error instanceof MailFailure)) throw error;
    const code = error.message.split(": ").at(-1) ?? "";
    throw new SmsFailure(error.message, { mayBeSent: !unreached.test(code) });
  }
}

/** Throws what a vendor's code means. One that no rule knows is asked again: it costs nothing that was refused. */
export function refuse(rules: Rules, code: string, words: string): never {
  const [, verdict = "later"] = rules.find(([codes]) => codes.test(code)) ?? [];
  if (verdict === "later" || verdict === "again") {
    throw new SmsFailure(words, { mayBeSent: verdict === "again" });
  }
  throw new SmsRefused(verdict, words);
}

/** One line of what a vendor said. */
export function wordsOf(...parts: readonly (string | number)[]): string {
  return parts
    .map(String)
    .filter((text) => text !== "")
    .join(" ");
}
