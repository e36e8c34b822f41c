import type { FastifyRequest } from "fastify";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { type FactorProof, factorCode, factorProofFields, type ProveFactor } from "./factor-proof.ts";
import type { StepUp } from "./step-up.ts";

/** The own second factor: see it, switch it on and off, other recovery codes. Logging in with it: second-step-routes.ts. */
export interface SecondFactorRoutesDeps {
  readonly factors: SecondFactors;
  readonly stepUp: StepUp;
  readonly proveFactor: ProveFactor;
  readonly sessions: Pick<Sessions, "prove">;
  readonly secondFactorPolicy: Pick<SecondFactorPolicy, "binds">;
  readonly devices: KnownDevices;
}

const CodeBody = Type.Object({ code: Type.String(factorCode) });
const ProofBody = Type.Object(factorProofFields);
const Begun = Type.Object({ secret: Type.String(), uri: Type.String() });
const Codes = Type.Object({ recovery_codes: Type.Array(Type.String()) });
const tags = ["second factor"];

const url = "/user/second-factor/";

export function secondFactorRoutes(api: Api, deps: SecondFactorRoutesDeps): void {
  statusRoute(api, deps);
  enrolmentRoutes(api, deps);
  changeRoutes(api, deps);
  replacementRoutes(api, deps);
}

/**
 * For what changes or removes the factor: shown in the call, or by a proof that was made of it for the call (x-meiduo-proof).
 * Errors: those of ProveFactor, and of `expectFactor` where there is neither.
 */
async function expectFactor(
  request: FastifyRequest & { readonly body: FactorProof },
  { stepUp, proveFactor, devices }: SecondFactorRoutesDeps,
): Promise<void> {
  const user = userOf(request);
  const { body } = request;
  const isShown = body.code !== undefined || body.passkey !== undefined;
  if (!isShown) return stepUp.expectFactor({ user, proof: proofOf(request) }, "second_factor");
  await proveFactor(user, body, await devices.askerOf(request), request.language);
}

function statusRoute(api: Api, { factors, secondFactorPolicy }: SecondFactorRoutesDeps): void {
  api.route({
    method: "GET",
    url,
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "Whether the account has a second factor, and how many recovery codes are left",
      tags,
      response: {
        200: Type.Object({
          enabled: Type.Boolean(),
          /** Whether the account must have one. */
          required: Type.Boolean(),
          since: Type.Union([Type.String(), Type.Null()]),
          recovery_codes_left: Type.Integer(),
          /** What a log-in takes for it; empty while it asks for none. */
          methods: Type.Array(Type.Enum(["passkey", "totp", "recovery_code"])),
        }),
      },
    },
    async handler(request) {
      const user = userOf(request);
      const { enabled, since, recoveryCodesLeft, methods } = await factors.statusOf(user.id);
      return {
        enabled,
        required: await secondFactorPolicy.binds(user),
        since: since === null ? null : new Date(since).toISOString(),
        recovery_codes_left: recoveryCodesLeft,
        methods: [...methods],
      };
    },
  });
}

function enrolmentRoutes(api: Api, { factors, stepUp, sessions, devices }: SecondFactorRoutesDeps): void {
  api.route({
    method: "POST",
    url,
    config: { auth: "required" },
    schema: {
      summary: "Begin with an authenticator app: its secret, as text and as what a QR code says",
      tags,
      body: Type.Object({ current_password: Type.Optional(Type.String({ trim: false, maxLength: 4096 })) }),
      response: { 200: Begun },
    },
    async handler(request, reply) {
      const user = userOf(request);
      const asker = await devices.askerOf(request);
      const call = { action: "second_factor", password: request.body.current_password, asker } as const;
      await stepUp.expectRecentOrPassword({ user, proof: proofOf(request) }, call);
      reply.header("cache-control", "no-store");
      return factors.begin(user, request.language);
    },
  });

  api.route({
    method: "POST",
    url: `${url}confirm/`,
    config: { auth: "required" },
    schema: {
      summary: "Switch it on with a first code of the app; the recovery codes are shown this once",
      tags,
      body: CodeBody,
      response: { 200: Codes },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const user = userOf(request);
      const recovery_codes = [...(await factors.confirm(user, request.body.code, request.language))];
      // Else the owner would be asked for another code at once.
      if (user.session_id) await sessions.prove(user.session_id, user.id, "totp");
      return { recovery_codes };
    },
  });
}

function changeRoutes(api: Api, deps: SecondFactorRoutesDeps): void {
  const { factors } = deps;
  api.route({
    method: "POST",
    url: `${url}recovery-codes/`,
    config: { auth: "required" },
    schema: {
      summary:
        "Ten other recovery codes, for a code or a passkey, or a proof of one in x-meiduo-proof; those before are over",
      tags,
      body: ProofBody,
      response: { 200: Codes },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const user = userOf(request);
      await expectFactor(request, deps);
      return { recovery_codes: [...(await factors.renewCodes(user, request.language))] };
    },
  });

  api.route({
    method: "POST",
    url: `${url}remove/`,
    config: { auth: "required" },
    schema: {
      summary: "Switch it off, for a code or a passkey, or a proof of one in x-meiduo-proof",
      tags,
      body: ProofBody,
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      const user = userOf(request);
      await expectFactor(request, deps);
      await factors.remove(user, request.language);
      return { message: "OK" };
    },
  });
}

function replacementRoutes(api: Api, deps: SecondFactorRoutesDeps): void {
  const { factors, sessions } = deps;
  api.route({
    method: "POST",
    url: `${url}replacement/`,
    config: { auth: "required" },
    schema: {
      summary:
        "Begin to move the app to another phone: the new secret; for a code or a passkey, or a proof of one in x-meiduo-proof",
      tags,
      body: ProofBody,
      response: { 200: Begun },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      await expectFactor(request, deps);
      return factors.replacement.begin(userOf(request), request.language);
    },
  });

  api.route({
    method: "POST",
    url: `${url}replacement/confirm/`,
    config: { auth: "required" },
    schema: {
      summary: "Move it with a first code of the new phone's: the one before counts no more",
      tags,
      body: CodeBody,
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      const user = userOf(request);
      await factors.replacement.confirm(user, request.body.code, request.language);
      if (user.session_id) await sessions.prove(user.session_id, user.id, "totp");
      return { message: "OK" };
    },
  });
}
