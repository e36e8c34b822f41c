import { mobileCountRoutes } from "../classic/mobile-count-routes.ts";
import { createPictureCodes } from "../classic/picture-codes.ts";
import { pictureRoutes } from "../classic/picture-routes.ts";
import type { SmsCodeRoutesDeps } from "../codes/sms-code-routes.ts";
import type { Config } from "../config/config.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Api } from "../http/server.ts";

type RouteDeps = Parameters<typeof mobileCountRoutes>[1];

/** What the classic front ends call beside the rest; null where CONTRACT is email. */
export function createClassicParts(
  config: Config,
  deps: { readonly kv: KeyValue; readonly secretKey: string },
) {
  if (config.contract !== "classic") return null;
  const pictures = createPictureCodes({ ...config, ...deps });
  const smsCodes: SmsCodeRoutesDeps["classic"] = {
    // Sign-up and binding share one, as these pages know it.
    purpose: "register",
    async expectPicture({ image_code_id: id, text, image_code }) {
      if (config.smsCaptcha === "optional" && !id) return;
      await pictures.expect(id, text || image_code);
    },
  };
  return {
    smsCodes,
    addRoutes(api: Api, parts: RouteDeps): void {
      pictureRoutes(api, { pictures });
      mobileCountRoutes(api, parts);
    },
  };
}
