import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import type { Door } from "./complete.ts";
import { passkeyField } from "./factor-proof.ts";
import { stepField } from "./held-log-in.ts";
import type { PasskeyLogIn } from "./passkey-log-in.ts";
import { LogInAnswer, logInAnswer, refreshField } from "./refresh-field.ts";
import type { SecondStep } from "./second-step.ts";

/** Logging in by a passkey: alone, or where a log-in waits for a second factor. One's own passkeys: passkey-routes.ts. */
export interface PasskeyLogInRoutesDeps {
  readonly passkeyLogIn: PasskeyLogIn;
  readonly secondStep: SecondStep;
  readonly door: Door;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
}

const tags = ["passkeys"];

/** For `navigator.credentials`, as JSON. */
export const PasskeyOptions = Type.Object({ options: Type.Record(Type.String(), Type.Any()) });

export function passkeyLogInRoutes(api: Api, deps: PasskeyLogInRoutesDeps): void {
  const { passkeyLogIn, secondStep, door, devices, sessionCookies } = deps;
  api.route({
    method: "POST",
    url: "/users/passkeys/options/",
    config: { auth: "ignored" },
    schema: {
      summary: "Begin a log-in by a passkey: what the browser is to ask the device for",
      tags,
      response: { 200: PasskeyOptions },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const options = await passkeyLogIn.begin(await devices.askerOf(request));
      return { options: { ...options } };
    },
  });

  api.route({
    method: "POST",
    url: "/users/passkeys/",
    config: { auth: "ignored" },
    schema: {
      summary: "Log in by a passkey",
      tags,
      body: Type.Object({ passkey: passkeyField, ...refreshField }),
      response: { 200: LogInAnswer },
    },
    async handler(request, reply) {
      const wish = await sessionCookies.wishOf(request, request.body.refresh);
      const asker = await devices.askerOf(request);
      const proved = await passkeyLogIn.prove(request.body.passkey, asker);
      const session = await door.complete(proved, asker, wish);
      return logInAnswer(proved.account, session, reply);
    },
  });

  api.route({
    method: "POST",
    url: "/users/second-factor/passkey/",
    config: { auth: "ignored" },
    schema: {
      summary: "Finish a log-in with a passkey: what the browser is to ask the device for",
      tags: ["second factor"],
      body: Type.Object({ step: stepField }),
      response: { 200: PasskeyOptions },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const asker = await devices.askerOf(request);
      const options = await secondStep.passkeyOptions(request.body.step, asker);
      return { options: { ...options } };
    },
  });
}
