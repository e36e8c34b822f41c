import { createHmac } from "node:crypto";
import type { Captcha } from "./captcha.ts";
import { formHeaders, keysOf, textsIn, type VendorCaptchaOptions, verdictOf } from "./vendor-captcha.ts";

/**
 * GeeTest v4 (docs.geetest.com, secondary validation). The token is the JSON of what its page gives: `lot_number`,
 * `captcha_output`, `pass_token`, `gen_time`. The captcha's id is the configuration's, whatever a client sends.
 */
export function createGeetest(options: VendorCaptchaOptions): Captcha {
  const { id, secret } = options;
  const questionOf = (given: Readonly<Record<string, string>>) => {
    const sign_token = createHmac("sha256", secret).update(given.lot_number!).digest("hex");
    const body = new URLSearchParams({ ...given, sign_token }).toString();
    return { path: `/validate?captcha_id=${encodeURIComponent(id)}`, headers: formHeaders, body };
  };
  return {
    kind: "geetest",
    ask: async () => ({ kind: "geetest", site_key: id }),
    async verify({ token }) {
      const given = textsIn(token, ["lot_number", "captcha_output", "pass_token", "gen_time"]);
      if (given === null) return "refused";
      return verdictOf(options, questionOf(given), (json) => {
        if (json.status !== "success") return "unavailable";
        return json.result === "success" ? "passed" : json.result === "fail" ? "refused" : "unavailable";
      });
    },
    idOf: (token) => textsIn(token, ["lot_number"])?.lot_number ?? token,
    /** It says "fail" of a wrong key as of a wrong answer. */
    tryKeys() {
      const nobody = { lot_number: "0", captcha_output: "0", pass_token: "0", gen_time: "0" };
      return keysOf(options, questionOf(nobody), () => null);
    },
    close: () => options.http.close(),
  };
}
