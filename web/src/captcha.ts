/**
 * Answering the API's captcha: a proof of work, which the browser does by itself while the button shows that it works, or the
 * site's vendor's, in a dialog. What does either is loaded only when it is asked for.
 */
import type { CaptchaAnswering } from "@meiduo/client";
import { askForCaptcha } from "./captcha-question.ts";

/**
 * `vendor`: whose widget the site can show; null for nobody's. Without WebCrypto, as on a page without https, no work can be
 * done: the API has such a browser wait.
 */
export function captchaAnswering(vendor: string | null = null): CaptchaAnswering {
  const canWork = globalThis.crypto?.subtle !== undefined;
  return {
    kinds: [...(canWork ? ["altcha"] : []), ...(vendor === null ? [] : [vendor])],
    async answer(needed, isAgain) {
      if (needed.kind === vendor) return askForCaptcha(needed, isAgain);
      if (needed.kind !== "altcha") return undefined;
      const { solveCaptcha } = await import("./solve-captcha.ts");
      return solveCaptcha(needed.challenge);
    },
  };
}
