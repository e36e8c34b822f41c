import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import { factorCode } from "./factor-proof.ts";
import type { ForcedEnrolment } from "./forced-enrolment.ts";
import { stepField } from "./held-log-in.ts";
import { LogInAnswer, logInAnswer, refreshField } from "./refresh-field.ts";

/** Setting a second factor up at a log-in, for what `second_factor_enrolment_required` answered. */
export interface ForcedEnrolmentRoutesDeps {
  readonly forcedEnrolment: ForcedEnrolment;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
}

const url = "/users/second-factor/enrolment/";
const tags = ["second factor"];

export function forcedEnrolmentRoutes(
  api: Api,
  { forcedEnrolment, devices, sessionCookies }: ForcedEnrolmentRoutesDeps,
): void {
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
      response: {
        200: Type.Object({ ...LogInAnswer.properties, recovery_codes: Type.Array(Type.String()) }),
      },
    },
    async handler(request, reply) {
      const wish = await sessionCookies.wishOf(request, request.body.refresh);
      const asker = await devices.askerOf(request);
      const { account, session, recoveryCodes } = await forcedEnrolment.finish(
        request.body,
        asker,
        request.language,
        wish,
      );
      reply.header("cache-control", "no-store");
      return { ...logInAnswer(account, session, reply), recovery_codes: [...recoveryCodes] };
    },
  });
}
