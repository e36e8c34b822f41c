/**
 * Answering the API's captcha: a proof of work, which the browser does by itself while the button shows that it works. Nobody
 * has to see, hear or press anything. What does it is loaded only when it is asked for.
 */
import type { CaptchaAnswering } from "@meiduo/client";

/** Without WebCrypto, as on a page without https, it can't be done: the API has such a browser wait. */
export function captchaAnswering(): CaptchaAnswering {
  return {
    kinds: globalThis.crypto?.subtle === undefined ? [] : ["altcha"],
    async answer({ kind, challenge }) {
      if (kind !== "altcha") return undefined;
      const { solveCaptcha } = await import("./solve-captcha.ts");
      return solveCaptcha(challenge);
    },
  };
}
