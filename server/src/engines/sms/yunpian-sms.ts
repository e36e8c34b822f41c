import { formOf } from "../mail/acs3-signature.ts";
import { textIn } from "../mail/http-delivery.ts";
import { mailIdOf } from "../mail/mail.ts";
import { SmsFailure, type SmsReceipt, type VendorFinding, type VendorSender } from "./sms.ts";
import { askVendor, type Rules, refuse, type VendorOptions, wordsOf } from "./vendor-answer.ts";

/**
 * SMS through Yunpian (www.yunpian.com/official/document, single_send, v2). It takes the whole text, with the signature in
 * front, which must fit an approved template word for word. It knows no idempotency key.
 */
export interface YunpianSmsOptions extends VendorOptions {
  /** The endpoint's origin. */
  readonly url: string;
  readonly apiKey: string;
  /** Empty: the text's own stays. */
  readonly signName: string;
}

export function createYunpianSms(options: YunpianSmsOptions): VendorSender {
  const { url, apiKey, signName, http } = options;
  const { host } = new URL(url);
  const call = (path: string, fields: Readonly<Record<string, string>>, signal?: AbortSignal) =>
    askVendor(options, {
      url: `${url}/v2/${path}`,
      headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
      body: formOf({ apikey: apiKey, ...fields }),
      signal,
    });
  return {
    async send(message, signal): Promise<SmsReceipt> {
      const text = signed(message.text, signName);
      const fields = { mobile: message.to, text, uid: mailIdOf(message.messageId) };
      const { status, json } = await call("sms/single_send.json", fields, signal);
      // The answer repeats the text under some codes: only its short message is kept.
      const words = wordsOf(host, status, codeIn(json), textIn(json, "msg"));
      const code = codeIn(json);
      if (code === "") throw new SmsFailure(words, { mayBeSent: true });
      if (code !== "0") refuse(rules, isOfNumber(code, json) ? `${code} mobile` : code, words);
      const providerId = String(json.sid ?? "");
      return /^\d{1,30}$/.test(providerId) ? { words: `${words} ${providerId}`, providerId } : { words };
    },

    /** Asks for the account, which has the balance. */
    async verify(): Promise<readonly VendorFinding[]> {
      const { status, json } = await call("user/get.json", {});
      const words = wordsOf(host, status, codeIn(json), textIn(json, "msg"));
      if (codeIn(json) !== "") {
        const isKey = rules.find(([codes]) => codes.test(codeIn(json)))?.[1] === "key";
        return [{ about: "key", isGood: isKey ? false : null, words }];
      }
      const { balance } = json;
      const left = typeof balance === "number" ? balance : Number.NaN;
      return [
        { about: "key", isGood: status === 200, words },
        { about: "balance", isGood: Number.isNaN(left) ? null : left > 0, words: `${left}` },
      ];
    },
    close: () => http.close(),
  };
}

/** The text under the approved signature, in place of the one that it has. */
function signed(text: string, signName: string): string {
  return signName === "" ? text : `【${signName}】${text.replace(/^(【[^】]*】|\[[^\]]*\])\s*/u, "")}`;
}

const codeIn = (json: Readonly<Record<string, unknown>>): string =>
  typeof json.code === "number" ? String(json.code) : "";

/**
 * Whether a wrong parameter (2) is the number: only `detail` says which one, by its name in front ("参数 mobile 格式不正确"). It may
 * go on with the number or the text, so it is looked at and kept nowhere.
 */
const isOfNumber = (code: string, json: Readonly<Record<string, unknown>>): boolean =>
  code === "2" && /^[^a-z]*mobile\b/i.test(textIn(json, "detail"));

/**
 * Codes of v2 as the vendor's own SDK lists them (github.com/yunpian/yunpian-java-sdk, constant/Code.java): 8 and 9 are the half
 * minute and the five minutes, 22 the hour, 17 the day, -5 the pace of all calls; read again in its repository in November 2026.
 * It ends with 28: 33 to 53 and the 400s are not in it, and of its newer page
 * (www.yunpian.com/official/document/sms/zh_CN/returnvalue_common), which could not be read then. What is in no row is asked
 * again while the code lives, and its words are in the log.
 */
const rules: Rules = [
  [/^(8|9|33|53|-5)$/, "later"],
  [/^(17|22|43)$/, "too_often"],
  [/^(3|27|4[0-9]{2})$/, "balance"],
  [/^(10|20|23|28|34|2 mobile)$/, "number"],
  [/^(15|16|18|37|48|-57)$/, "signature"],
  [/^(1|2|5|6|7)$/, "template"],
  [/^(4|14|38|49)$/, "content"],
  [/^-(1|2|3)$/, "key"],
  [/^(11|12|13|19|21|25|35|36|-4|-6)$/, "account"],
  [/^-(50|51|52|53)$/, "again"],
];
