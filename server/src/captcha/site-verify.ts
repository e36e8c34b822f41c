import type { Captcha, CaptchaVerdict } from "./captcha.ts";
import { formHeaders, type Json, keysOf, type VendorCaptchaOptions, verdictOf } from "./vendor-captcha.ts";

/**
 * Turnstile (developers.cloudflare.com/turnstile) and hCaptcha (docs.hcaptcha.com), which share the form of their check.
 * Turnstile's answer names the action and the data that the page gave it: they have to be ours, so that a token of another
 * form, number or address is none. hCaptcha's has neither. Both name the host of the page: one that is none of ours is somebody
 * else's site that has its visitors solve for us.
 */
export interface SiteVerifyOptions extends VendorCaptchaOptions {
  readonly by: "turnstile" | "hcaptcha";
  readonly hosts: readonly string[] | null;
}

const paths = { turnstile: "/turnstile/v0/siteverify", hcaptcha: "/siteverify" } as const;
const longest = { turnstile: 2048, hcaptcha: 8192 } as const;

export function createSiteVerify(options: SiteVerifyOptions): Captcha {
  const { by, id, secret, hosts } = options;
  return {
    kind: by,
    passesOn: by === "turnstile",
    ask: async ({ purpose }) => ({ kind: by, site_key: id, action: actionOf(purpose) }),
    async verify({ token, purpose, bound, clientAddress }) {
      if (token.length > longest[by]) return "refused";
      const fields = {
        secret,
        response: token,
        remoteip: clientAddress,
        ...(by === "hcaptcha" && { sitekey: id }),
      };
      const body = new URLSearchParams(fields).toString();
      return verdictOf(options, { path: paths[by], headers: formHeaders, body }, (json) =>
        read(json, by === "turnstile" ? { action: actionOf(purpose), cdata: bound } : {}, hosts),
      );
    },
    tryKeys() {
      const body = new URLSearchParams({
        secret,
        response: "doctor",
        ...(by === "hcaptcha" && { sitekey: id }),
      });
      return keysOf(options, { path: paths[by], headers: formHeaders, body: body.toString() }, keysIn);
    },
    close: () => options.http.close(),
  };
}

/** Letters, digits, - and _ alone, 32 at most: as Turnstile wants it. */
const actionOf = (purpose: string) => purpose.replaceAll(/[^\w-]/g, "-").slice(0, 32);

/** Codes that say that the vendor, or our key, is at fault, and nothing of the visitor. */
const ours =
  /^(internal-error|missing-input-secret|invalid-input-secret|sitekey-secret-mismatch|bad-request)$/;

/** Both say of the secret first, and of the answer under a right one alone. */
function keysIn(json: Json): boolean | null {
  const codes = codesOf(json);
  if (codes.some((code) => /secret/.test(code))) return false;
  return codes.some((code) => /^invalid-input-response$|^timeout-or-duplicate$/.test(code)) ? true : null;
}

const codesOf = (json: Json): readonly string[] =>
  Array.isArray(json["error-codes"]) ? json["error-codes"].map(String) : [];

function read(json: Json, needed: Json, hosts: readonly string[] | null): CaptchaVerdict {
  // A widget in an app has no host to name.
  const { hostname = "" } = json;
  const isOurPage = hosts === null || hostname === "" || hosts.includes(String(hostname));
  const isOurs = isOurPage && Object.entries(needed).every(([name, value]) => json[name] === value);
  if (json.success === true) return isOurs ? "passed" : "refused";
  const codes = codesOf(json);
  if (json.success !== false || codes.some((code) => ours.test(code))) return "unavailable";
  return "refused";
}
