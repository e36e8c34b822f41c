import { createHmac } from "node:crypto";
import { constantTimeEqual } from "../../kernel/constant-time.ts";

/**
 * Twilio's signature of what it sends (www.twilio.com/docs/usage/webhooks/webhooks-security): HMAC-SHA-1 by the account's
 * token over the address that is called and the fields of the form, by name. It has no time: what is done with such a
 * request has to work once.
 */
export function twilioSignature(token: string, url: string, form: URLSearchParams): string {
  const fields = [...form].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const text = url + fields.map(([name, value]) => name + value).join("");
  return createHmac("sha1", token).update(text).digest("base64");
}

export const isFromTwilio = (
  token: string,
  {
    url,
    form,
    signature,
  }: { readonly url: string; readonly form: URLSearchParams; readonly signature: string },
): boolean => constantTimeEqual(signature, twilioSignature(token, url, form));
