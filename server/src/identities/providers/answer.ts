import { ProviderTrouble } from "./provider.ts";
import type { UpstreamAnswer } from "./upstream.ts";

/**
 * Reading providers' answers. Nothing about them is believed: an HTML error page with status 200, a number
 * where a string belongs, a list instead of an object all end as ProviderTrouble, never as an account.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** A JSON object, or trouble. */
export function jsonObject(step: string, answer: UpstreamAnswer): Fields {
  return objectOf(step, answer.text, answer.status);
}

/** As `jsonObject`, for a text that was taken out of its wrapping. */
export function objectOf(step: string, text: string, status: number): Fields {
  const parsed = parseLenient(text);
  if (parsed === undefined) {
    throw new ProviderTrouble(
      "unreadable",
      `${step}: not JSON (status ${status}, ${text.length} characters)`,
    );
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    throw new ProviderTrouble("unexpected", `${step}: not an object (status ${status})`);
  }
  return parsed as Fields;
}

/**
 * JSON as providers send it, undefined where it is none. QQ, WeChat and Weibo copy nicknames with raw control
 * characters and stray backslashes into their answers, which JSON forbids: one such name kept its owner out for good.
 * Each becomes a space, which no form of an identifier allows; so only words for people are mended, never an identity.
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {}
  try {
    return JSON.parse(mendJson(text));
  } catch {
    return undefined;
  }
}

/** Every C0 control character, and every backslash that begins no escape of RFC 8259 section 7, as a space. */
export function mendJson(text: string): string {
  return text
    .replace(/[\p{Cc}]/gu, " ")
    .replace(/\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?/g, (found, known?: string) =>
      known === undefined ? " " : found,
    );
}

/**
 * An identifier: a non-empty string of the given form, or where the provider is known to send numbers a
 * positive safe integer. "0", null, booleans and numbers beyond 2^53 (already rounded) are trouble: an error
 * body once became account "0".
 */
export function identifier(step: string, fields: Fields, name: string, form: RegExp): string {
  const value = fields[name];
  const text = typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? String(value) : value;
  if (typeof text !== "string" || text === "0" || !form.test(text)) {
    throw new ProviderTrouble("unexpected", `${step}: no usable ${name}`);
  }
  return text;
}

/** The opaque token that the next step needs. */
export function accessToken(step: string, fields: Fields): string {
  const value = fields.access_token;
  if (typeof value !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(value)) {
    throw new ProviderTrouble("unexpected", `${step}: no usable access_token`);
  }
  return value;
}

/** The provider's own error number, which comes as number or string; null when the field is absent. */
export function errorNumber(fields: Fields, name: string): number | null {
  const value = fields[name];
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^-?\d{1,9}$/.test(value)) return Number(value);
  return null;
}

/** Short and printable, for a log line. */
export function shown(value: unknown): string {
  return String(value)
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 60);
}
