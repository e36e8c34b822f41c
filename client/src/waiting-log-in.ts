/** A second factor that is set up at a log-in which demands it, and devices that are trusted with it. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { PasskeyJson } from "./wire.ts";

export function waitingLogInCalls(call: EndpointCall) {
  return {
    /**
     * Goes on with a log-in that was refused as `second_factor_enrolment_required`: the secret for an authenticator app, as
     * text and as what a QR code says. `step` is the error's.
     */
    beginEnrolment: (step: string, more?: CallOptions) =>
      call("POST /users/second-factor/enrolment/", { body: { step }, cookies: true }, more),

    /**
     * Switches it on with a first code of the app, and answers as the log-in would have, with the recovery codes, which are
     * shown this once.
     */
    finishEnrolment: (
      step: string,
      code: string,
      more: CallOptions & { readonly refresh?: boolean } = {},
    ) => {
      const wish = more.refresh ? { refresh: true } : {};
      return call(
        "POST /users/second-factor/enrolment/confirm/",
        { body: { step, code, ...wish }, replaces: true, cookies: true },
        more,
      );
    },

    /**
     * The same with a passkey, where the error's `methods` have it: what the browser is to have the device make, good for five
     * minutes.
     */
    beginPasskeyEnrolment: (step: string, more?: CallOptions) =>
      call("POST /users/second-factor/enrolment/passkey/", { body: { step }, cookies: true }, more),

    /** Keeps what the browser made of it, and answers as `finishEnrolment`. */
    finishPasskeyEnrolment: (
      step: string,
      passkey: PasskeyJson,
      more: CallOptions & { readonly refresh?: boolean; readonly name?: string } = {},
    ) => {
      const wish = {
        ...(more.refresh && { refresh: true }),
        ...(more.name !== undefined && { name: more.name }),
      };
      return call(
        "POST /users/second-factor/enrolment/passkey/confirm/",
        { body: { step, passkey, ...wish }, replaces: true, cookies: true },
        more,
      );
    },

    /** The devices of the logged-in user that are asked for no second factor; `current` is this one. */
    rememberedDevices: (more?: CallOptions) =>
      call("GET /user/remembered-devices/", { authenticated: true, repeatable: true, cookies: true }, more),

    /** Asks for the second factor on one of them again. */
    forgetDevice: (device: string, more?: CallOptions) =>
      call("DELETE /user/remembered-devices/{device}/", { path: { device }, authenticated: true }, more),
  };
}
