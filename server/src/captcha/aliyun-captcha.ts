import { acs3Authorization, formOf, sha256 } from "../engines/mail/acs3-signature.ts";
import { objectOf } from "../engines/mail/mail-events.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import type { Captcha } from "./captcha.ts";
import { formHeaders, type VendorCaptchaOptions, verdictOf } from "./vendor-captcha.ts";

/**
 * Aliyun's captcha 2.0 (VerifyIntelligentCaptcha, 2023-03-05). The token is the parameter that its page gives, which goes on as it
 * is; the scene is the configuration's.
 */
export interface AliyunCaptchaOptions extends VendorCaptchaOptions {
  readonly scene: string;
  readonly clock: Clock;
}

export function createAliyunCaptcha(options: AliyunCaptchaOptions): Captcha {
  const { url, id, secret, scene, clock } = options;
  const { host } = new URL(url);
  return {
    kind: "aliyun",
    ask: async () => ({ kind: "aliyun", scene }),
    async verify({ token }) {
      const body = formOf({ CaptchaVerifyParam: token, SceneId: scene });
      const signed = {
        "x-acs-action": "VerifyIntelligentCaptcha",
        "x-acs-version": "2023-03-05",
        "x-acs-date": `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
        "x-acs-signature-nonce": randomToken(24),
        "x-acs-content-sha256": sha256(body),
        ...formHeaders,
      };
      const authorization = acs3Authorization({ id, secret }, { host, query: {}, body, headers: signed });
      return verdictOf(options, { path: "/", headers: { ...signed, authorization }, body }, (json) => {
        if (json.Success !== true) return "unavailable";
        const { VerifyResult: isRight } = objectOf(json.Result);
        return isRight === true ? "passed" : isRight === false ? "refused" : "unavailable";
      });
    },
    close: () => options.http.close(),
  };
}
