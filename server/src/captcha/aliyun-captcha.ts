import { acs3Headers, formOf } from "../engines/mail/acs3-signature.ts";
import { objectOf } from "../engines/mail/mail-events.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Captcha } from "./captcha.ts";
import { type VendorCaptchaOptions, verdictOf } from "./vendor-captcha.ts";

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
  return {
    kind: "aliyun",
    ask: async () => ({ kind: "aliyun", site_key: prefix, scene }),
    async verify({ token }) {
      const body = formOf({ CaptchaVerifyParam: token, SceneId: scene });
      const action = { action: "VerifyIntelligentCaptcha", version: "2023-03-05", host, body };
      const headers = acs3Headers({ id, secret }, action, clock);
      return verdictOf(options, { path: "/", headers, body }, (json) => {
        if (json.Success !== true) return "unavailable";
        const { VerifyResult: isRight } = objectOf(json.Result);
        return isRight === true ? "passed" : isRight === false ? "refused" : "unavailable";
      });
    },
    close: () => options.http.close(),
  };
}
