import { shownCaptcha } from "../captcha/captcha-headers.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { AskedPurpose, Verifications } from "./verification.ts";

const purposes: readonly AskedPurpose[] = ["register", "resetpwd", "bindAccount", "changeEmail", "signIn"];

const Params = Type.Object({ email: Type.String() });
const Query = Type.Object({ send_type: Type.Optional(Type.String({ maxLength: 50, allowBlank: true })) });

export interface VerificationRoutesDeps {
  readonly verifications: Verifications;
  readonly devices: KnownDevices;
  /** What an address is and how it is stored: the field of accounts, which are above this room. */
  readonly addresses: {
    readonly operator: { readonly check: (given: string) => FieldCode | null };
    normalize(given: string): string;
  };
  /** Throws where the site sends no such code to the address. */
  readonly mayAsk: (purpose: AskedPurpose, email: string) => void;
}

/**
 * GET /verifications/email_codes/<email>/ (contract: the tutorial's e-mail codes). Open to everybody, as its front
 * ends ask without a token; but `changeEmail`, which they don't know, is for whoever is logged in.
 */
export function verificationRoutes(
  api: Api,
  { verifications, devices, addresses, mayAsk }: VerificationRoutesDeps,
): void {
  for (const url of ["/verifications/email_codes/:email/", "/email_codes/:email/"]) {
    api.route({
      method: "GET",
      url,
      // A HEAD asks about an answer and does nothing (RFC 9110 section 9.3.2); this GET sends a mail.
      exposeHeadRoute: false,
      config: { auth: "optional", dear: true },
      schema: {
        summary: "Mail a verification code",
        tags: ["verification codes"],
        hide: url.startsWith("/email_codes"),
        params: Params,
        querystring: Query,
        response: { 200: Type.Object({ message: Type.String() }) },
      },
      async handler(request, reply) {
        const typed = request.params.email.trim();
        const problem = addresses.operator.check(typed);
        if (problem !== null) throw invalidFields({ field: "email", code: problem });
        const purpose = purposes.find((one) => one === (request.query.send_type || "register"));
        if (!purpose) throw new AppError("unknown_send_type");
        if (purpose === "changeEmail") userOf(request);
        const email = addresses.normalize(typed);
        mayAsk(purpose, email);
        const { retryAfterSeconds } = await verifications.request({
          to: email,
          purpose,
          language: request.language,
          asker: await devices.askerOf(request),
          captcha: shownCaptcha(request),
          account: request.currentUser?.id,
        });
        // In a header (RFC 9110 section 10.2.3), because the body is the tutorial's to the byte: how long a page has to
        // count down before it offers the next code.
        reply.header("retry-after", String(retryAfterSeconds));
        return { message: "OK" };
      },
    });
  }
}
