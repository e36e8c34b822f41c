import { objectOf } from "../engines/mail/mail-events.ts";
import { tc3Authorization } from "../engines/sms/tc3-signature.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import type { Captcha } from "./captcha.ts";
import { keysOf, textsIn, type VendorCaptchaOptions, verdictOf } from "./vendor-captcha.ts";

/**
 * Tencent Cloud's captcha (DescribeCaptchaResult, 2019-07-22). The token is the JSON of `ticket` and `randstr`. A ticket that
 * begins with `trerror_` or `terror_` is one that the page made by itself because the vendor was away: anybody can write it, so
 * it is refused without a question.
 */
export interface TencentCaptchaOptions extends VendorCaptchaOptions {
  readonly app: string;
  readonly appKey: string;
  readonly clock: Clock;
}

const contentType = "application/json";
const right = 1;
/** The keys, the application or the vendor itself; all other codes are the ticket's. */
const ours = new Set([16, 17, 22, 23, 25, 26, 100]);
const evil = 100;

export function createTencentCaptcha(options: TencentCaptchaOptions): Captcha {
  const { url, id, secret, app, appKey, clock } = options;
  const { host } = new URL(url);
  const questionOf = (given: Readonly<Record<string, string>>, address: string) => {
    const body = JSON.stringify({
      ...{ CaptchaType: 9, Ticket: given.ticket, UserIp: address, Randstr: given.randstr },
      ...{ CaptchaAppId: Number(app), AppSecretKey: appKey },
    });
    const seconds = epochSeconds(clock);
    const authorization = tc3Authorization(
      { id, secret },
      { host, service: "captcha", contentType, body, seconds },
    );
    const headers = {
      ...{ "content-type": contentType, authorization, "x-tc-timestamp": String(seconds) },
      ...{ "x-tc-action": "DescribeCaptchaResult", "x-tc-version": "2019-07-22" },
    };
    return { path: "/", headers, body };
  };
  return {
    kind: "tencent",
    ask: async () => ({ kind: "tencent", site_key: app }),
    async verify({ token, clientAddress }) {
      const given = textsIn(token, ["ticket", "randstr"]);
      if (given === null || /^tr?error_/.test(given.ticket!)) return "refused";
      return verdictOf(options, questionOf(given, clientAddress), (json) => {
        const { CaptchaCode: code, EvilLevel: level } = objectOf(json.Response);
        if (typeof code !== "number" || ours.has(code)) return "unavailable";
        return code === right && level !== evil ? "passed" : "refused";
      });
    },
    idOf: (token) => textsIn(token, ["ticket"])?.ticket ?? token,
    /** It tells of the access key alone: of the application's it says the same as of a wrong ticket. */
    tryKeys() {
      const nobody = questionOf({ ticket: "t0", randstr: "@0" }, "127.0.0.1");
      return keysOf(options, nobody, (json) => {
        const { Code: refusal } = objectOf(objectOf(json.Response).Error);
        return /^(AuthFailure|UnauthorizedOperation)/.test(String(refusal ?? "")) ? false : null;
      });
    },
    close: () => options.http.close(),
  };
}
