import { createLinkedEmail, type LinkedEmailDeps } from "../accounts/linked-email.ts";
import { createEmailLinks } from "../classic/email-link.ts";
import { emailRoutes } from "../classic/email-routes.ts";
import { createFindPassword, type FindPasswordDeps } from "../classic/find-password.ts";
import { findPasswordRoutes } from "../classic/find-password-routes.ts";
import { type MobileCountDeps, mobileCountRoutes } from "../classic/mobile-count-routes.ts";
import { type OwnPasswordDeps, ownPasswordRoutes } from "../classic/own-password-routes.ts";
import { createPictureCodes } from "../classic/picture-codes.ts";
import { pictureRoutes } from "../classic/picture-routes.ts";
import type { SmsCodeRoutesDeps } from "../codes/sms-code-routes.ts";
import type { Config } from "../config/config.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { Api } from "../http/server.ts";
import type { SecretKeys } from "../kernel/keys.ts";

type Deps = Omit<FindPasswordDeps & LinkedEmailDeps, "pictures" | "secretKey" | "findPasswordLimit"> & {
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
    async expectPicture({ image_code_id: id, text, image_code }) {
      if (config.smsCaptcha === "optional" && !id) return;
      await pictures.expect(id, text || image_code);
    },
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
