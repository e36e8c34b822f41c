import type { Static } from "typebox";
import type { CaptchaSubject } from "../captcha/captcha.ts";
import type { CaptchaPass, ShownCaptcha } from "../captcha/captcha-gate.ts";
import { shownCaptcha } from "../captcha/captcha-headers.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsNumbers } from "./sms-countries.ts";
import { type SmsPurpose, smsPurposes } from "./sms-purposes.ts";
import type { Verifications } from "./verification.ts";

const Params = Type.Object({ mobile: Type.String() });
const optionalText = Type.Optional(Type.String({ maxLength: 50, allowBlank: true }));
const Query = Type.Object({ send_type: optionalText });
/** Of the classic pages: the picture's id, and what was read in it under either name. */
const ClassicQuery = Type.Object({
  ...Query.properties,
  ...{ image_code_id: optionalText, text: optionalText, image_code: optionalText },
});
type Query = Static<typeof ClassicQuery>;
type Shown = ShownCaptcha | CaptchaPass | "answered";

export interface SmsCodeRoutesDeps {
  /** Null where the site sends no SMS. */
  readonly smsCodes: Verifications | null;
  readonly devices: KnownDevices;
  /** What a number is: the field of accounts, which are above this room. */
  readonly numbers: { readonly operator: { readonly check: (given: string) => FieldCode | null } };
  readonly smsNumbers: Pick<SmsNumbers, "problem">;
  /**
   * Of the classic contract: what a request without a purpose is for, and what it has to show; null elsewhere. Who is logged in
   * is asked for no picture.
   */
  readonly classic: {
    readonly purpose: SmsPurpose;
    /** What the code's request is to count as showing. Errors: those of the picture, and of the captcha in its place. */
    readonly expectPicture: (query: Query, about: CaptchaSubject, shown: ShownCaptcha) => Promise<Shown>;
  } | null;
  /** Throws where the site has no use for such codes. */
  readonly mayAsk: (purpose: SmsPurpose) => void;
}

/**
 * GET /verifications/sms_codes/<mobile>/: the classic front ends' codes by SMS, beside those by e-mail
 * (verification-routes.ts), by the same purposes; `changeMobile` is for whoever is logged in.
 */
export function smsCodeRoutes(api: Api, deps: SmsCodeRoutesDeps): void {
  const { smsCodes, devices, numbers, classic } = deps;
  const urls = ["/verifications/sms_codes/:mobile/", "/sms_codes/:mobile/"];
  for (const url of classic === null ? urls : [...urls, "/sms_code/:mobile/"]) {
    api.route({
      method: "GET",
      url,
      // A HEAD asks about an answer and does nothing; this GET sends a message that costs money.
      exposeHeadRoute: false,
      config: { auth: "optional", dear: true },
      schema: {
        summary: "Send a verification code by SMS",
        tags: ["verification codes"],
        hide: url.startsWith("/sms_code"),
        params: Params,
        querystring: classic === null ? Query : ClassicQuery,
        response: { 200: Type.Object({ message: Type.String() }) },
      },
      async handler(request, reply) {
        const mobile = request.params.mobile.trim();
        const problem = numbers.operator.check(mobile) ?? deps.smsNumbers.problem(mobile);
        if (problem !== null) throw invalidFields({ field: "mobile", code: problem });
        const asked = request.query.send_type || classic?.purpose;
        const purpose = smsPurposes.find((one) => one === asked);
        if (!purpose) throw new AppError("unknown_send_type");
        if (purpose === "changeMobile") userOf(request);
        if (smsCodes === null) throw new AppError("sms_off");
        deps.mayAsk(purpose);
        let captcha: Shown = shownCaptcha(request);
        if (classic !== null && purpose !== "changeMobile") {
          captcha = await classic.expectPicture(request.query, { purpose, address: mobile }, captcha);
        }
        const { language } = request;
        const asker = await devices.askerOf(request);
        const { retryAfterSeconds } = await smsCodes.request({
          ...{ to: mobile, purpose, language, asker, captcha, account: request.currentUser?.id },
        });
        reply.header("retry-after", String(retryAfterSeconds));
        return { message: "OK" };
      },
    });
  }
}
