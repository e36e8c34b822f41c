import type { HttpOpener } from "../engines/mail/http-delivery.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Captcha } from "./captcha.ts";
import type { CaptchaTransport } from "./captcha-url.ts";

export interface OpenCaptchaOptions {
  readonly transport: CaptchaTransport;
  /** The captcha closes it. */
  readonly http: () => HttpOpener;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  /** Hosts of the pages that may ask (Turnstile, hCaptcha); null where any may, as in development. */
  readonly hosts: readonly string[] | null;
  /** Milliseconds for a vendor's verdict. Default 2000. */
  readonly timeoutMillis?: number;
}

/** Which implementation stands behind CAPTCHA_URL, each loaded only where it is used; null for none. */
export async function openCaptcha(options: OpenCaptchaOptions): Promise<Captcha | null> {
  const captcha = await openUnbound(options);
  // The site's own binds what it asks by itself.
  if (captcha === null || captcha.kind === "altcha") return captcha;
  return (await import("./captcha-handle.ts")).withHandles(captcha, options);
}

async function openUnbound(options: OpenCaptchaOptions): Promise<Captcha | null> {
  const { transport, clock, secretKeys, hosts, timeoutMillis } = options;
  const common = () => ({
    http: options.http(),
    clock,
    ...(timeoutMillis !== undefined && { timeoutMillis }),
  });
  switch (transport.by) {
    case "none":
      return null;
    case "altcha":
      return (await import("./altcha.ts")).createAltcha({ secretKeys, clock });
    case "turnstile":
    case "hcaptcha":
      return (await import("./site-verify.ts")).createSiteVerify({ ...transport, ...common(), hosts });
    case "geetest":
      return (await import("./geetest.ts")).createGeetest({ ...transport, ...common() });
    case "tencent":
      return (await import("./tencent-captcha.ts")).createTencentCaptcha({ ...transport, ...common() });
    case "aliyun":
      return (await import("./aliyun-captcha.ts")).createAliyunCaptcha({ ...transport, ...common() });
  }
}
