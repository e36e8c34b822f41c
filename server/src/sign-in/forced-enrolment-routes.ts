import type { FastifyReply } from "fastify";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import { factorCode, passkeyField } from "./factor-proof.ts";
import type { Enrolled, ForcedEnrolment } from "./forced-enrolment.ts";
import { stepField } from "./held-log-in.ts";
import { PasskeyOptions } from "./passkey-log-in-routes.ts";
import { LogInAnswer, logInAnswer, refreshField } from "./refresh-field.ts";

/** Setting a second factor up at a log-in, for what `second_factor_enrolment_required` answered. */
export interface ForcedEnrolmentRoutesDeps {
  readonly forcedEnrolment: ForcedEnrolment;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
}

const url = "/users/second-factor/enrolment/";
const tags = ["second factor"];

const EnrolledAnswer = Type.Object({ ...LogInAnswer.properties, recovery_codes: Type.Array(Type.String()) });

function answerOf({ account, session, recoveryCodes }: Enrolled, reply: FastifyReply) {
  reply.header("cache-control", "no-store");
  return { ...logInAnswer(account, session, reply), recovery_codes: [...recoveryCodes] };
}

export function forcedEnrolmentRoutes(api: Api, deps: ForcedEnrolmentRoutesDeps): void {
  appRoutes(api, deps);
  passkeyRoutes(api, deps);
}

function appRoutes(api: Api, { forcedEnrolment, devices, sessionCookies }: ForcedEnrolmentRoutesDeps): void {
  api.route({
    method: "POST",
    url,
    config: { auth: "ignored" },
    schema: {
      summary: "Begin with an authenticator app at a log-in whose account must have a second factor",
      tags,
      body: Type.Object({ step: stepField }),
      response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }) },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const asker = await devices.askerOf(request);
      return forcedEnrolment.begin(request.body.step, asker, request.language);
    },
  });

  api.route({
    method: "POST",
    url: `${url}confirm/`,
    config: { auth: "ignored" },
    schema: {
      summary:
        "Switch it on with a first code of the app, and finish the log-in; the recovery codes are shown this once",
      tags,
      body: Type.Object({ step: stepField, code: Type.String(factorCode), ...refreshField }),
      response: { 200: EnrolledAnswer },
    },
    async handler(request, reply) {
      const wish = await sessionCookies.wishOf(request, request.body.refresh);
      const asker = await devices.askerOf(request);
      return answerOf(await forcedEnrolment.finish(request.body, asker, request.language, wish), reply);
    },
  });
}

function passkeyRoutes(
  api: Api,
  { forcedEnrolment, devices, sessionCookies }: ForcedEnrolmentRoutesDeps,
): void {
  api.route({
    method: "POST",
    url: `${url}passkey/`,
    config: { auth: "ignored" },
    schema: {
      summary: "Begin with a passkey there: what the browser is to have the device make",
      tags,
      body: Type.Object({ step: stepField }),
      response: { 200: PasskeyOptions },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const asker = await devices.askerOf(request);
      const options = await forcedEnrolment.beginPasskey(request.body.step, asker, request.language);
      return { options: { ...options } };
    },
  });

  api.route({
    method: "POST",
    url: `${url}passkey/confirm/`,
    config: { auth: "ignored" },
    schema: {
      summary:
        "Keep the passkey that the device made, and finish the log-in; the recovery codes are shown this once",
      tags,
      body: Type.Object({
        step: stepField,
        passkey: passkeyField,
        name: Type.Optional(Type.String({ maxLength: 64, allowBlank: true })),
        ...refreshField,
      }),
      response: { 200: EnrolledAnswer },
    },
    async handler(request, reply) {
      const wish = await sessionCookies.wishOf(request, request.body.refresh);
      const asker = await devices.askerOf(request);
      const enrolled = await forcedEnrolment.finishPasskey(request.body, asker, request.language, wish);
      return answerOf(enrolled, reply);
    },
  });
}
