import { acs3Headers, formOf } from "../engines/mail/acs3-signature.ts";
import { objectOf } from "../engines/mail/mail-events.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Captcha } from "./captcha.ts";
import { keysOf, type VendorCaptchaOptions, verdictOf } from "./vendor-captcha.ts";

/**
 * Aliyun's captcha 2.0 (VerifyIntelligentCaptcha, 2023-03-05). The token is the parameter that its page gives, which goes on as it
 * is; the scene is the configuration's.
 */
export interface AliyunCaptchaOptions extends VendorCaptchaOptions {
  readonly scene: string;
  /** The account's mark, which its page script wants. */
  readonly prefix: string;
  readonly clock: Clock;
}

export function createAliyunCaptcha(options: AliyunCaptchaOptions): Captcha {
  const { url, id, secret, scene, prefix, clock } = options;
  const { host } = new URL(url);
  const questionOf = (token: string) => {
    const body = formOf({ CaptchaVerifyParam: token, SceneId: scene });
    const action = { action: "VerifyIntelligentCaptcha", version: "2023-03-05", host, body };
    return { path: "/", headers: acs3Headers({ id, secret }, action, clock), body };
  };
  return {
    kind: "aliyun",
    ask: async () => ({ kind: "aliyun", site_key: prefix, scene }),
    async verify({ token }) {
      return verdictOf(options, questionOf(token), (json) => {
        if (json.Success !== true) return "unavailable";
        const { VerifyResult: isRight } = objectOf(json.Result);
        return isRight === true ? "passed" : isRight === false ? "refused" : "unavailable";
      });
    },
    /** It tells of the access key: a verdict comes under a right one alone. Of the scene and the prefix it says nothing. */
    tryKeys: () =>
      keysOf(options, questionOf("{}"), (json, { status }) => {
        if (status === 403 || /^(SignatureDoesNotMatch|InvalidAccessKeyId|Forbidden)/.test(String(json.Code)))
          return false;
        return typeof objectOf(json.Result).VerifyResult === "boolean" ? true : null;
      }),
    close: () => options.http.close(),
  };
}
