import type { IncomingHttpHeaders } from "node:http";
import type { ShownCaptcha } from "./captcha-gate.ts";

/**
 * How a client says that it can answer a captcha, and answers one: `X-Meiduo-Captcha-Kinds: altcha`, and in the call that is
 * sent again `X-Meiduo-Captcha: <token>`, with a vendor's also `X-Meiduo-Captcha-Handle: <handle>`. The classic front ends send neither, and are never asked.
 */
export function shownCaptcha({
  headers,
  ip,
}: {
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
}): ShownCaptcha {
  const text = (name: string) => String(headers[name] ?? "").trim();
  return {
    kinds: text("x-meiduo-captcha-kinds")
      .toLowerCase()
      .split(/\s*,\s*/),
    token: text("x-meiduo-captcha") || null,
    handle: text("x-meiduo-captcha-handle") || null,
    clientAddress: ip,
  };
}
