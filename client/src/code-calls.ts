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
          captcha: true,
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

    /** Whether the number, which receives nothing any more, is about to be taken away, and when. */
    numberLeave: (more?: CallOptions) =>
      call("GET /user/mobile/leave/", { authenticated: true, repeatable: true }, more),

    /**
     * Has the proved number taken away after `delay_days`, where it receives nothing any more. It takes a proof by another
     * channel (a mailed code, the second factor or a passkey); everybody is told, the number itself, too.
     */
    leaveNumber: (more?: CallOptions) =>
      call("POST /user/mobile/leave/", { authenticated: true, cookies: true }, more),

    /** Keeps the number after all. */
    keepNumber: (more?: CallOptions) =>
      call("DELETE /user/mobile/leave/", { authenticated: true, cookies: true }, more),

    /** Proves a mobile number, the present one or another, with a code sent to it for `changeMobile`. */
    changeMobile: (form: MobileChange, more?: CallOptions) =>
      call("PUT /user/mobile/", { body: form, authenticated: true, cookies: true }, more),
  };
}
