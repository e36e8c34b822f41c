/** Codes by mail and by SMS: asking for them, and what is done with one by SMS. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { CodeLogInForm, EmailCodePurpose, MobileChange, SmsCodePurpose } from "./wire.ts";

export function codeCalls(call: EndpointCall) {
  return {
    /**
     * Sends a verification code by mail; one for `changeEmail` to whoever is logged in. Never repeated by itself: each
     * success is a mail. `retryAfterSeconds` says when the next code to this address may be asked for.
     */
    sendEmailCode: (email: string, purpose: EmailCodePurpose, more?: CallOptions) =>
      call(
        "GET /verifications/email_codes/{email}/",
        {
          path: { email },
          query: { send_type: purpose },
          paced: true,
          cookies: true,
          authenticated: purpose === "changeEmail",
        },
        more,
      ) as Promise<{ message: string; retryAfterSeconds?: number }>,

    /**
     * Sends a verification code by SMS; one for `changeMobile` to whoever is logged in. Never repeated by itself: each success is a message.
     * `retryAfterSeconds` as of {@link sendEmailCode}.
     */
    sendSmsCode: (mobile: string, purpose: SmsCodePurpose, more?: CallOptions) =>
      call(
        "GET /verifications/sms_codes/{mobile}/",
        {
          ...{ path: { mobile }, query: { send_type: purpose } },
          ...{ paced: true, captcha: true, cookies: true, authenticated: purpose === "changeMobile" },
        },
        more,
      ) as Promise<{ message: string; retryAfterSeconds?: number }>,

    /**
     * Logs in by a code sent for `signIn`. `sign_up_needed` means that there is no account: the same code, with `allow` and
     * what the site wants of a sign-up, makes one. With `refresh` the answer has a `refresh_token`.
     */
    logInByCode({ allow, ...form }: CodeLogInForm, more?: CallOptions) {
      const agreed = allow === undefined ? {} : { allow: "true" };
      return call("POST /users/codes/sign-in/", { body: { ...form, ...agreed }, cookies: true }, more);
    },

    /** Proves a mobile number, the present one or another, with a code sent to it for `changeMobile`. */
    changeMobile: (form: MobileChange, more?: CallOptions) =>
      call("PUT /user/mobile/", { body: form, authenticated: true, cookies: true }, more),
  };
}
