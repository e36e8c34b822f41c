import { createLinkedEmail, type LinkedEmailDeps } from "../accounts/linked-email.ts";
import { createEmailLinks } from "../classic/email-link.ts";
import { emailRoutes } from "../classic/email-routes.ts";
import { createFindPassword, type FindPasswordDeps } from "../classic/find-password.ts";
import { findPasswordRoutes } from "../classic/find-password-routes.ts";
import { type MobileCountDeps, mobileCountRoutes } from "../classic/mobile-count-routes.ts";
import { type OwnPasswordDeps, ownPasswordRoutes } from "../classic/own-password-routes.ts";
import { createPictureCodes, type PictureCodes } from "../classic/picture-codes.ts";
import { pictureRoutes } from "../classic/picture-routes.ts";
import type { SmsCodeRoutesDeps } from "../codes/sms-code-routes.ts";
import type { Config } from "../config/config.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { Api } from "../http/server.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { openCaptchaGate } from "./captcha.ts";

/**
 * What the classic front ends show before a code by SMS: the picture, or the site's captcha from clients that say they can answer
 * it and send no picture, as this site's own pages. Either is used up, and nothing else counts as one. Attack: one log-in, or a
 * call without a picture where it is optional, that pumps to any number (guard: classic-captcha.test.ts).
 */
function createExpectPicture(
  { smsCaptcha }: Pick<Config, "smsCaptcha">,
  { pictures, captchaGate, canAnswer }: CaptchaParts & { readonly pictures: PictureCodes },
): NonNullable<SmsCodeRoutesDeps["classic"]>["expectPicture"] {
  return async ({ image_code_id: id, text, image_code }, about, shown) => {
    // Asked for on risk, like everywhere.
    if (smsCaptcha === "optional" && !id) return shown;
    if (!id && canAnswer(shown)) {
      // Nobody waits here, so nobody's waits are counted.
      return captchaGate.expect(about, shown, { subject: "", whenUnavailable: "refuse" });
    }
    await pictures.expect(id, text || image_code);
    return "answered";
  };
}

type CaptchaParts = Pick<Awaited<ReturnType<typeof openCaptchaGate>>, "captchaGate" | "canAnswer">;
type Deps = CaptchaParts &
  Omit<
    FindPasswordDeps & LinkedEmailDeps,
    "pictures" | "secretKey" | "findPasswordLimit" | "widerNetworkFactor"
  > & {
    readonly jobs: Jobs;
    readonly secretKeys: SecretKeys;
  };

/** What the classic front ends call beside the rest; null where CONTRACT is email. */
export function createClassicParts(config: Config, deps: Deps) {
  if (config.contract !== "classic") return null;
  const secretKey = deps.secretKeys[0];
  const pictures = createPictureCodes({ ...config, ...deps, secretKey });
  const smsCodes: SmsCodeRoutesDeps["classic"] = {
    // Sign-up and binding share one, as these pages know it.
    purpose: "register",
    expectPicture: createExpectPicture(config, { ...deps, pictures }),
  };
  const findPassword = createFindPassword({ ...config, ...deps, pictures, secretKey });
  const linkedEmail = createLinkedEmail(deps);
  const links = createEmailLinks(deps.secretKeys);
  return {
    smsCodes,
    addRoutes(api: Api, parts: MobileCountDeps & OwnPasswordDeps): void {
      pictureRoutes(api, { pictures });
      mobileCountRoutes(api, parts);
      findPasswordRoutes(api, { ...parts, findPassword });
      ownPasswordRoutes(api, parts);
      emailRoutes(api, { ...deps, linkedEmail, links, secretKey });
    },
  };
}
