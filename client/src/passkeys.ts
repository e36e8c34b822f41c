/**
 * Passkeys. What the `…Options` calls answer goes to the browser, and what the browser makes of it back to the API, both as
 * JSON: `PublicKeyCredential.parseRequestOptionsFromJSON` and `credential.toJSON()`, or a library such as
 * `@simplewebauthn/browser`, which older browsers need.
 */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { Body, PasskeyJson } from "./wire.ts";

const own = { authenticated: true, cookies: true } as const;

export function passkeyCalls(call: EndpointCall) {
  return {
    /** For `navigator.credentials.get`: a log-in without a user name. Good for five minutes, in this browser. */
    logInOptions: (more?: CallOptions) => call("POST /users/passkeys/options/", { cookies: true }, more),

    /** Logs in by what the browser made of `logInOptions`; never held up by a second factor. Answers as `logIn` does. */
    logIn: (passkey: PasskeyJson, more: CallOptions & { readonly refresh?: boolean } = {}) => {
      const wish = more.refresh ? { refresh: true } : {};
      return call(
        "POST /users/passkeys/",
        { body: { passkey, ...wish }, replaces: true, cookies: true },
        more,
      );
    },

    /** For `navigator.credentials.get`, where a log-in waits for a second factor: `secondFactor(step, { passkey })` goes on. */
    stepOptions: (step: string, more?: CallOptions) =>
      call("POST /users/second-factor/passkey/", { body: { step }, cookies: true }, more),

    /**
     * The own ones, and what devices are told of them: which there are (`PublicKeyCredential.signalAllAcceptedCredentials`), and
     * after `changeUsername` by what name (`signalCurrentUserDetails`).
     */
    list: (more?: CallOptions) =>
      call("GET /user/passkeys/", { authenticated: true, repeatable: true }, more),

    /** For `navigator.credentials.create`. Needs the present password, or a log-in of the last minutes. */
    addOptions: (form: Body<"/user/passkeys/options/", "post"> = {}, more?: CallOptions) =>
      call("POST /user/passkeys/options/", { body: form, ...own }, more),

    /**
     * Keeps what the browser made of `addOptions`. With `second_factor` other ways in ask for it, too: then the answer has the
     * recovery codes, this once.
     */
    add: (form: Body<"/user/passkeys/", "post">, more?: CallOptions) =>
      call("POST /user/passkeys/", { body: form, ...own }, more),

    rename: (id: string, name: string, more?: CallOptions) =>
      call(
        "PATCH /user/passkeys/{passkey}/",
        { path: { passkey: id }, body: { name }, authenticated: true },
        more,
      ),

    /** For `navigator.credentials.get`: proof for {@link remove}, and for the calls that take `passkey` in place of a code. */
    proofOptions: (more?: CallOptions) => call("POST /user/passkeys/proof/", own, more),

    /** Removes one. The last second factor of an account takes `passkey` or `code` in this very call. */
    remove: (id: string, form: Body<"/user/passkeys/{passkey}/remove/", "post"> = {}, more?: CallOptions) =>
      call("POST /user/passkeys/{passkey}/remove/", { path: { passkey: id }, body: form, ...own }, more),
  };
}
