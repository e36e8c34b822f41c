import type { Clock } from "../../kernel/clock.ts";
import { type AcsKey, acs3Headers, formOf } from "../mail/acs3-signature.ts";
import { type ServiceAnswer, textIn } from "../mail/http-delivery.ts";
import type { VendorFinding } from "./sms.ts";
import { askVendor, type Rules, type VendorOptions, wordsOf } from "./vendor-answer.ts";

/** Aliyun's SMS products by RPC, signed as acs3-signature.ts has it, with the parameters in the query as its SDK writes them. */
export interface AcsOptions extends VendorOptions {
  /** The endpoint's origin. */
  readonly url: string;
  readonly key: AcsKey;
  readonly clock: Clock;
}

export type AcsCall = (
  action: string,
  parameters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) => Promise<ServiceAnswer>;

export function createAcsCall(options: AcsOptions, version: string): AcsCall {
  const { url, key, clock } = options;
  const { host } = new URL(url);
  return (action, parameters, signal) => {
    const headers = acs3Headers(key, { action, version, host, query: parameters, body: "" }, clock);
    return askVendor(options, { url: `${url}/?${formOf(parameters)}`, headers, ...{ body: "", signal } });
  };
}

/**
 * Codes of the gateway and of both products (help.aliyun.com/zh/sms, API error codes; help.aliyun.com/zh/pnvs, return
 * codes), without the isv., isp. or biz. in front. A minute's limit says so in its words, or has a code of its own.
 */
export const acsRules: Rules = [
  [/^BUSINESS_LIMIT_CONTROL minute|^FREQUENCY|^Throttling|^ServiceUnavailable|^SignatureNonceUsed/, "later"],
  [/^BUSINESS_LIMIT_CONTROL/, "too_often"],
  [/^SYSTEM_ERROR|^InternalError/, "again"],
  [/^MOBILE_NUMBER_ILLEGAL|^MOBILE_COUNT_OVER_LIMIT|^DOMESTIC_NUMBER_NOT_SUPPORTED/, "number"],
  // Who has the number wants nothing more.
  [/^CUSTOMER_REFUSED/, "number"],
  [/^SMS_SIGN|^SIGN_|^SIGNATURE_BLACKLIST/, "signature"],
  [/^SMS_TEMPLATE|^TEMPLATE_|^INVALID_JSON_PARAM|^PARAM_|^INVALID_PARAMETERS|^MissingTemplate/, "template"],
  [/^BLACK_KEY_CONTROL_LIMIT|^SMS_CONTENT/, "content"],
  [/^AMOUNT_NOT_ENOUGH|^OUT_OF_SERVICE|^(DAY|MONTH)_LIMIT_CONTROL/, "balance"],
  [/^RAM_PERMISSION_DENY|^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature)/, "key"],
  [/^(InvalidSecurityToken|InvalidTimeStamp|Forbidden|NoPermission)/, "key"],
  [/^ACCOUNT_|^PRODUCT_|^FUNCTION_NOT_OPENED|^SMS_TEST_NUMBER_LIMIT|^DENY_IP_RANGE/, "account"],
];

/** The answer's code as the rules know it, and what was said. */
export function codeOf({ status, json }: ServiceAnswer, host: string) {
  const [given, said] = [textIn(json, "Code"), textIn(json, "Message")];
  const code = given.replace(/^(isv|isp|biz)\./, "");
  const isMinute = code === "BUSINESS_LIMIT_CONTROL" && /分钟|minute/i.test(said);
  return { code: isMinute ? `${code} minute` : code, words: wordsOf(host, status, given, said) };
}

/** What an action came to that only reads: whether the key was taken. */
export function keyFinding(code: string, words: string): VendorFinding {
  const isRefused = acsRules.find(([codes]) => codes.test(code))?.[1] === "key";
  // That it may not read says nothing about whether it may send.
  const mayNotRead = /^(Forbidden|NoPermission|RAM_PERMISSION_DENY)/.test(code);
  return { about: "key", isGood: isRefused && !mayNotRead ? false : mayNotRead ? null : true, words };
}
