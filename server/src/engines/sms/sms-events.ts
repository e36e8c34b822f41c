import { maskText } from "../../kernel/mask.ts";
import { idIn } from "../mail/http-delivery.ts";
import { type MailEvent, objectOf } from "../mail/mail-events.ts";

/**
 * What vendors report of an SMS that they took, in their own shapes; the states are those of mails: `bounced` is a message
 * that did not arrive. Trusts nothing in them; what is about anything else is null.
 */
type Json = Readonly<Record<string, unknown>>;

/** Of a program of the site's: `sms.delivered`, `sms.failed`. */
export function readStandardSms(json: Json): MailEvent | null {
  const type = textOf(json.type);
  const state = type === "sms.delivered" ? "delivered" : type === "sms.failed" ? "bounced" : null;
  const data = objectOf(json.data);
  const providerId = idIn(data, "id");
  if (state === null || providerId === "") return null;
  return { providerId, state, words: wordsOf(data.words), at: Date.parse(textOf(json.timestamp)) };
}

/** Of Twilio: a form. `queued`, `sending` and `sent` are no news. */
export function readTwilioSms(form: URLSearchParams): MailEvent | null {
  const status = form.get("MessageStatus") ?? "";
  const state =
    status === "delivered" ? "delivered" : /^(undelivered|failed)$/.test(status) ? "bounced" : null;
  const providerId = idIn({ id: form.get("MessageSid") }, "id");
  if (state === null || providerId === "") return null;
  return { providerId, state, words: wordsOf(status, form.get("ErrorCode")), at: Number.NaN };
}

/** One of Aliyun's (help.aliyun.com/zh/sms, SmsReport) or Tencent's (…/product/382/59178): told apart by their fields. */
export function readListedSms(json: Json): MailEvent | null {
  const isAliyun = typeof json.success === "boolean";
  const isTencent = json.report_status === "SUCCESS" || json.report_status === "FAIL";
  const providerId = idIn(json, isAliyun ? "biz_id" : "sid");
  if ((!isAliyun && !isTencent) || providerId === "") return null;
  const isGood = isAliyun ? json.success === true : json.report_status === "SUCCESS";
  const words = isAliyun ? wordsOf(json.err_code, json.err_msg) : wordsOf(json.errmsg, json.description);
  const at = chineseTime(textOf(isAliyun ? json.report_time : json.user_receive_time));
  return { providerId, state: isGood ? "delivered" : "bounced", words, at };
}

/**
 * Yunpian's (www.yunpian.com/official/document/sms/zh_CN/domestic_push_report): a form with `sms_status`, JSON that may be encoded
 * once more than the form; a list of up to a hundred. Null where it is no such form. The ids have 64 bits, more than a number of
 * JSON keeps here: they are read as texts.
 */
export function readYunpianSms(form: URLSearchParams): readonly MailEvent[] | null {
  const text = form.get("sms_status");
  if (text === null) return null;
  const list = parsed(text) ?? parsed(decoded(text));
  return (Array.isArray(list) ? list : [])
    .slice(0, 100)
    .map((one) => yunpianEvent(objectOf(one)))
    .filter((one) => one !== null);
}

function yunpianEvent(json: Json): MailEvent | null {
  const { report_status: status, error_msg, error_detail } = json;
  const state = status === "SUCCESS" ? "delivered" : status === "FAIL" ? "bounced" : null;
  const providerId = idIn(json, "sid");
  if (state === null || providerId === "") return null;
  const at = chineseTime(textOf(json.user_receive_time));
  return { providerId, state, words: wordsOf(error_msg, error_detail), at };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/("sid"\s*:\s*)(\d+)/g, '$1"$2"'));
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return "";
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, 200) : "");

/** `2017-08-30 00:00:00`, as clocks in China have it. */
const chineseTime = (text: string): number => Date.parse(`${text.replace(" ", "T")}+08:00`);

/** One line without numbers and codes. */
function wordsOf(...parts: readonly unknown[]): string {
  const line = parts
    .filter((part): part is string => typeof part === "string" && part.trim() !== "")
    .map((part) => part.slice(0, 300).replaceAll(/[\s\p{Cc}]+/gu, " "));
  return maskText(line.join(" ").trim())
    .replaceAll(/(?<!\d)\d{6}(?!\d)/g, "…")
    .slice(0, 300);
}
