import { type Clock, epochSeconds } from "../../kernel/clock.ts";
import { internationalMobile } from "../../kernel/mobile.ts";
import { signedHeaders } from "../../kernel/webhook-signature.ts";
import { idIn, reach, textIn } from "../mail/http-delivery.ts";
import { MailFailure, mailIdOf } from "../mail/mail.ts";
import {
  SmsFailure,
  type SmsReceipt,
  type SmsRefusal,
  SmsRefused,
  smsRefusals,
  type VendorSender,
} from "./sms.ts";
import { askVendor, type VendorOptions, wordsOf } from "./vendor-answer.ts";

/**
 * SMS handed to a program of the operator's: one POST each, signed as a Standard Webhook like the hook of mails. The id is
 * the message's and the same for every try, so that no try is sent twice. What is answered, and what it means: docs/sms.md.
 */
export interface HookSmsOptions extends VendorOptions {
  readonly url: string;
  readonly key: Buffer;
  readonly clock: Clock;
}

export function createHookSms(options: HookSmsOptions): VendorSender {
  const { url, key, clock, http, timeoutMillis } = options;
  const { host } = new URL(url);
  return {
    async send(message, signal): Promise<SmsReceipt> {
      const id = `sms_${mailIdOf(message.messageId)}`;
      const timestamp = epochSeconds(clock);
      const { purpose, code, minutes, text } = message;
      const body = JSON.stringify({
        type: "sms.send",
        timestamp: new Date(timestamp * 1000).toISOString(),
        data: { to: internationalMobile(message.to), purpose, code, minutes, text },
      });
      const headers = {
        "content-type": "application/json",
        ...signedHeaders(key, { id, seconds: timestamp, body }),
      };
      const { status, json } = await askVendor(options, { url, headers, body, signal }).catch(repeatable);
      const words = wordsOf(host, status, textIn(json, "code"), textIn(json, "message"));
      if (status >= 200 && status < 300) return { words, providerId: idIn(json, "id") || id };
      const refusal = refusals.get(status);
      if (refusal === undefined) throw new SmsFailure(words);
      throw new SmsRefused(named(textIn(json, "code")) ?? refusal, words);
    },
    async verify() {
      try {
        await reach(http, url, timeoutMillis);
      } catch (error) {
        throw error instanceof MailFailure ? new SmsFailure(error.message) : error;
      }
      return [{ about: "reach", isGood: null, words: host }];
    },
    close: () => http.close(),
  };
}

/** The receiver knows the id: a try whose answer is lost may be repeated. */
function repeatable(error: unknown): never {
  throw error instanceof SmsFailure ? new SmsFailure(error.message) : error;
}

/** For good. Everything else passes, or the receiver puts it right. */
const refusals: ReadonlyMap<number, SmsRefusal> = new Map<number, SmsRefusal>([
  ...([400, 410, 422] as const).map((status) => [status, "number"] as const),
  ...([401, 403] as const).map((status) => [status, "key"] as const),
  ...[[402, "balance"] as const, [404, "account"] as const, [413, "content"] as const],
]);

/** The receiver may say why in our words. */
const named = (code: string): SmsRefusal | undefined => smsRefusals.find((one) => one === code);
