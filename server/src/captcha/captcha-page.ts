import type { SiteCaptcha } from "../site/captcha-frame.ts";
import type { CaptchaTransport } from "./captcha-url.ts";

/**
 * What each vendor's page script needs: its address, and the sources of its content policy. Sources: Turnstile's and hCaptcha's
 * own pages about a Content-Security-Policy; GeeTest, Tencent and Aliyun publish none, theirs are the hosts that their scripts
 * and documents name, not tried with a real key. `+http` (the sandbox) has everything at the one address.
 */
type Vendor = Extract<CaptchaTransport, { readonly url: string }>;

interface VendorPage {
  readonly script: string;
  readonly hosts: readonly string[];
  readonly directives: readonly string[];
  /** Its script writes styles and pictures into the page. */
  readonly isInline?: true;
}

const all = ["script-src", "style-src", "img-src", "connect-src", "frame-src", "font-src", "media-src"];

const pages: Readonly<Record<Vendor["by"], VendorPage>> = {
  // developers.cloudflare.com/turnstile/reference/content-security-policy
  turnstile: {
    script: "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit",
    hosts: ["https://challenges.cloudflare.com"],
    directives: ["script-src", "frame-src"],
  },
  // docs.hcaptcha.com, Content-Security-Policy Settings
  hcaptcha: {
    script: "https://js.hcaptcha.com/1/api.js?render=explicit",
    hosts: ["https://hcaptcha.com", "https://*.hcaptcha.com"],
    directives: ["script-src", "frame-src", "style-src", "connect-src"],
    isInline: true,
  },
  geetest: {
    script: "https://static.geetest.com/v4/gt4.js",
    hosts: ["https://*.geetest.com", "https://*.geevisit.com"],
    directives: all,
    isInline: true,
  },
  tencent: {
    script: "https://turing.captcha.qcloud.com/TJCaptcha.js",
    hosts: ["https://*.captcha.qcloud.com", "https://*.captcha.gtimg.com", "https://*.captcha.qq.com"],
    directives: all,
    isInline: true,
  },
  aliyun: {
    script: "https://o.alicdn.com/captcha-frontend/aliyunCaptcha/AliyunCaptcha.js",
    hosts: ["https://*.alicdn.com", "https://*.aliyuncs.com"],
    directives: all,
    isInline: true,
  },
};

/** Null where the captcha has no script of somebody else's. */
export function captchaPage(transport: CaptchaTransport): SiteCaptcha | null {
  return "url" in transport ? pageOf(transport) : null;
}

function pageOf({ by: kind, url }: Vendor): SiteCaptcha {
  const { script, hosts, directives, isInline } = pages[kind];
  const isSandbox = url.startsWith("http:");
  const { pathname, search } = new URL(script);
  const sources = directives.map((name): [string, readonly string[]] => [
    name,
    [
      ...(isSandbox ? [url] : hosts),
      ...(isInline && name === "style-src" ? ["'unsafe-inline'"] : []),
      ...(isInline && (name === "img-src" || name === "font-src") ? ["data:"] : []),
    ],
  ]);
  return {
    kind,
    // Aliyun's script has to be told where the account is.
    ...(kind === "aliyun" && { region: /ap-southeast/.test(url) ? "sgp" : "cn" }),
    script: isSandbox ? url + pathname + search : script,
    sources: Object.fromEntries(sources),
  };
}
