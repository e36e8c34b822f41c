import { internationalMobile } from "../../kernel/mobile.ts";
import { formOf } from "../mail/acs3-signature.ts";
import { idIn, textIn } from "../mail/http-delivery.ts";
import { SmsFailure, type SmsReceipt, type VendorFinding, type VendorSender } from "./sms.ts";
import { askVendor, type Rules, refuse, type VendorOptions, wordsOf } from "./vendor-answer.ts";

/**
 * SMS through Twilio (www.twilio.com/docs/messaging/api/message-resource, 2010-04-01): the whole text, from a number or a
 * messaging service. It knows no idempotency key.
 */
export interface TwilioSmsOptions extends VendorOptions {
  /** The endpoint's origin. */
  readonly url: string;
  /** The account's SID and its token. */
  readonly key: { readonly id: string; readonly secret: string };
  /** A number, or the SID of a messaging service: `MG…`. */
  readonly from: string;
  /** Where it reports to; null where it can't reach us. */
  readonly reportsTo: string | null;
}

export function createTwilioSms(options: TwilioSmsOptions): VendorSender {
  const { url, key, from, reportsTo, http } = options;
  const { host } = new URL(url);
  const account = `${url}/2010-04-01/Accounts/${key.id}`;
  const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString("base64")}`;
  const read = (path: string) =>
    askVendor(options, { url: `${account}${path}`, method: "GET", headers: { authorization }, body: null });
  return {
    async send(message, signal): Promise<SmsReceipt> {
      const body = formOf({
        ...{ To: internationalMobile(message.to), Body: message.text },
        ...(from.startsWith("MG") ? { MessagingServiceSid: from } : { From: from }),
        ...(reportsTo === null ? {} : { StatusCallback: reportsTo }),
      });
      const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
      const { status, json } = await askVendor(options, {
        url: `${account}/Messages.json`,
        headers,
        body,
        signal,
      });
      const providerId = idIn(json, "sid");
      if (status >= 200 && status < 300 && providerId !== "") {
        return { words: wordsOf(host, status, textIn(json, "status"), providerId), providerId };
      }
      const code = typeof json.code === "number" ? String(json.code) : "";
      const words = wordsOf(host, status, code, textIn(json, "message"));
      if (status >= 500 || status < 300) throw new SmsFailure(words, { mayBeSent: true });
      return refuse(rules, code === "" ? `http ${status}` : code, words);
    },

    /** Asks for the account and its balance. */
    async verify(): Promise<readonly VendorFinding[]> {
      const { status, json } = await read(".json");
      const state = textIn(json, "status");
      const words = wordsOf(host, status, state || textIn(json, "message"));
      if (status === 401) return [{ about: "key", isGood: false, words }];
      const found: VendorFinding[] = [
        { about: "key", isGood: status === 200 ? state === "active" : null, words },
      ];
      if (status !== 200) return found;
      const { json: money } = await read("/Balance.json");
      const [balance, currency] = [textIn(money, "balance"), textIn(money, "currency")];
      const left = balance === "" ? Number.NaN : Number(balance);
      found.push({
        about: "balance",
        isGood: Number.isNaN(left) ? null : left > 0,
        words: wordsOf(balance || "not told", currency),
      });
      return found;
    },
    close: () => http.close(),
  };
}

/**
 * www.twilio.com/docs/api/errors, one page for each, and the whole list in twilio-error-codes.json beside them. Read
 * there in November 2026: 21635 and 60205 (Verify's word for the same landline); 20429, 21211, 21606, 21610, 21612 and 21614 agree with
 * lists of third parties, the others were not looked up again (21608: a trial account, or one without an approved profile, sends to verified
 * numbers alone), and the answer's status where it has no code.
 */
const rules: Rules = [
  [/^(20429|14107|http 429|20503)$/, "later"],
  [/^(21211|21214|21217|21610|21612|21614|21635|60205)$/, "number"],
  [/^(20003|20005|20403|http 40[13])$/, "key"],
  [/^(21608|21408|21606|21659|21660|21212|21603|21703|21705|21910|http 404|20404)$/, "account"],
  [/^(30001|30002|20006|21611|90010|30034|63038)$/, "account"],
  [/^(21602|21617|21619|30007)$/, "content"],
];
