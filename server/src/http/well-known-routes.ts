import { AppError } from "../errors/errors.ts";
import { addressBelow } from "../kernel/public-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { Api } from "./server.ts";

/**
 * Where password managers send people who change a password (W3C, "A Well-Known URL for Changing Passwords"): from the
 * API's origin to the site's page, which asks for a log-in where there is none.
 */
export const changePasswordPath = "/.well-known/change-password";
export const changePasswordPage = "/account/password";

/**
 * Where browsers ask which other domains share a domain's passkeys (W3C Web Authentication, section 5.11): at the domain
 * itself, so the site answers it, too, where that is its host.
 */
export const relatedOriginsPath = "/.well-known/webauthn";

export function wellKnownRoutes(api: Api, siteUrl: string, relatedOrigins: readonly string[]): void {
  api.route({
    method: "GET",
    url: changePasswordPath,
    config: { auth: "optional", impersonated: true },
    schema: { hide: true },
    handler: (_request, reply) => reply.redirect(addressBelow(siteUrl, changePasswordPage), 302),
  });

  api.route({
    method: "GET",
    url: relatedOriginsPath,
    config: { auth: "optional", impersonated: true },
    schema: { hide: true, response: { 200: Type.Object({ origins: Type.Array(Type.String()) }) } },
    handler() {
      if (relatedOrigins.length === 0) throw new AppError("not_found");
      return { origins: [...relatedOrigins] };
    },
  });
}
