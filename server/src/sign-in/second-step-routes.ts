import type { Static } from "typebox";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import { factorProofFields } from "./factor-proof.ts";
import { stepField } from "./held-log-in.ts";
import { LogInAnswer, logInAnswer, refreshField, tokensOf } from "./refresh-field.ts";
import type { SecondHalf, SecondStep } from "./second-step.ts";

/**
 * The second half of a log-in, for what `second_factor_required` answered: on the tutorial's wire, and on simplejwt's for who
 * began there.
 */
export interface SecondStepRoutesDeps {
  readonly secondStep: SecondStep;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
}

const StepBody = {
  step: stepField,
  ...factorProofFields,
  /** Whether this device is to be asked for none for `remember_days`; where nobody offered it, it is no wish. */
  remember_device: Type.Optional(Type.Boolean()),
};

const StepFields = Type.Object(StepBody);

export function secondStepRoutes(
  api: Api,
  { secondStep, devices, sessionCookies }: SecondStepRoutesDeps,
): void {
  api.route({
    method: "POST",
    url: "/users/second-factor/",
    config: { auth: "ignored" },
    schema: {
      summary: "Finish a log-in with a code of the app, a recovery code or a passkey",
      tags: ["second factor"],
      body: Type.Object({ ...StepBody, ...refreshField }),
      response: { 200: LogInAnswer },
    },
    async handler(request, reply) {
      const wish = await sessionCookies.wishOf(request, request.body.refresh);
      const asker = await devices.askerOf(request);
      const { account, session } = await secondStep.finish(
        halfOf(request.body),
        asker,
        request.language,
        wish,
      );
      return logInAnswer(account, session, reply);
    },
  });

  for (const prefix of ["/token/", "/api/token/"]) {
    api.route({
      method: "POST",
      url: `${prefix}second-factor/`,
      config: { auth: "ignored" },
      schema: {
        summary: "simplejwt: finish a log-in with a code of the app, a recovery code or a passkey",
        tags: ["simplejwt"],
        hide: true,
        body: StepFields,
        response: { 200: Type.Object({ refresh: Type.String(), access: Type.String() }) },
      },
      async handler(request, reply) {
        const asker = await devices.askerOf(request);
        const wish = { refresh: true, shown: request.headers.authorization };
        const { session } = await secondStep.finish(halfOf(request.body), asker, request.language, wish);
        const { token: access, refresh_token: refresh = "" } = tokensOf(session, reply);
        return { refresh, access };
      },
    });
  }
}

function halfOf({ step, code, passkey, remember_device }: Static<typeof StepFields>): SecondHalf {
  return { step, code, passkey, remember: remember_device };
}
