import type { KnownDevices } from "../devices/known-devices.ts";
import type { PasskeyAddress } from "../factors/passkey-address.ts";
import type { Passkey, Passkeys } from "../factors/passkeys.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { factorProofFields, type ProveFactor, passkeyField } from "./factor-proof.ts";
import { PasskeyOptions } from "./passkey-log-in-routes.ts";
import type { StepUp } from "./step-up.ts";

/** The own passkeys: see, add, rename and remove them. Logging in by one: passkey-log-in-routes.ts. */
export interface PasskeyRoutesDeps {
  readonly passkeys: Passkeys;
  readonly stepUp: StepUp;
  readonly sessions: Pick<Sessions, "prove">;
  readonly proveFactor: ProveFactor;
  readonly devices: KnownDevices;
  /** Null where the site's address can have none. */
  readonly address: Pick<PasskeyAddress, "rpId"> | null;
}

const tags = ["passkeys"];
const url = "/user/passkeys/";
const name = { maxLength: 64 } as const;
const password = { current_password: Type.Optional(Type.String({ trim: false, maxLength: 4096 })) };
const idParameters = Type.Object({ passkey: Type.String({ maxLength: 22, check: () => null }) });

/** A passkey as its owner sees it. */
export const PasskeyView = Type.Object({
  id: Type.String(),
  /** As devices name it. */
  credential_id: Type.String(),
  name: Type.String(),
  /** Whether it can be on several devices of its owner's. */
  synced: Type.Boolean(),
  created_at: Type.String(),
  last_used_at: Type.Union([Type.String(), Type.Null()]),
});

const timeOf = (millis: number) => new Date(millis).toISOString();

export const passkeyView = (row: Passkey) => ({
  ...{ id: row.id, credential_id: row.credential_id, name: row.name },
  synced: row.device_type === "multiDevice",
  created_at: timeOf(row.created_at),
  last_used_at: row.last_used_at === null ? null : timeOf(row.last_used_at),
});

export function passkeyRoutes(api: Api, deps: PasskeyRoutesDeps): void {
  listRoute(api, deps);
  additionRoutes(api, deps);
  changeRoutes(api, deps);
}

function listRoute(api: Api, { passkeys, address }: PasskeyRoutesDeps): void {
  api.route({
    method: "GET",
    url,
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "The own passkeys, and what the browser's devices are told of them",
      tags,
      response: {
        200: Type.Object({
          passkeys: Type.Array(PasskeyView),
          /** The domain they are for; null where the site's address can have none. */
          rp_id: Type.Union([Type.String(), Type.Null()]),
          /** What devices call the account; null before the first. */
          user_handle: Type.Union([Type.String(), Type.Null()]),
        }),
      },
    },
    async handler(request) {
      const own = await passkeys.of(userOf(request).id);
      const rp_id = address?.rpId ?? null;
      return { passkeys: own.passkeys.map(passkeyView), rp_id, user_handle: own.handle };
    },
  });
}

function additionRoutes(api: Api, { passkeys, stepUp, sessions, devices }: PasskeyRoutesDeps): void {
  api.route({
    method: "POST",
    url: `${url}options/`,
    config: { auth: "required" },
    schema: {
      summary: "Begin to add a passkey: what the browser is to have the device make",
      tags,
      body: Type.Object(password),
      response: { 200: PasskeyOptions },
    },
    async handler(request, reply) {
      const user = userOf(request);
      const asker = await devices.askerOf(request);
      const { current_password: password } = request.body;
      await stepUp.expectProofOrPassword(
        { user, proof: proofOf(request) },
        { action: "passkeys", password, asker },
      );
      reply.header("cache-control", "no-store");
      const options = await passkeys.beginAdding(user, asker, request.language);
      return { options: { ...options } };
    },
  });

  api.route({
    method: "POST",
    url,
    config: { auth: "required" },
    schema: {
      summary: "Add the passkey that the device made",
      tags,
      body: Type.Object({
        passkey: passkeyField,
        name: Type.Optional(Type.String({ ...name, allowBlank: true })),
        /** Whether other ways in ask for it from now on. */
        second_factor: Type.Optional(Type.Boolean()),
      }),
      response: {
        201: Type.Object({
          passkey: PasskeyView,
          /** Of who has a second factor with it; shown this once. */
          recovery_codes: Type.Array(Type.String()),
        }),
      },
    },
    async handler(request, reply) {
      const { passkey: shown, name: given = "", second_factor: asSecondFactor = false } = request.body;
      const addition = { shown, name: given, asSecondFactor };
      const asker = await devices.askerOf(request);
      const user = userOf(request);
      const added = await passkeys.add(user, addition, asker, request.language);
      // Else whoever has just switched it on would be asked for it at once; their device has verified them.
      if (asSecondFactor && user.session_id) await sessions.prove(user.session_id, user.id, "passkey");
      reply.header("cache-control", "no-store").code(201);
      return { passkey: passkeyView(added.passkey), recovery_codes: [...added.recoveryCodes] };
    },
  });
}

function changeRoutes(api: Api, { passkeys, stepUp, proveFactor, devices }: PasskeyRoutesDeps): void {
  api.route({
    method: "PATCH",
    url: `${url}:passkey/`,
    config: { auth: "required" },
    schema: {
      summary: "Call a passkey something else",
      tags,
      params: idParameters,
      body: Type.Object({ name: Type.String(name) }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      await passkeys.rename(userOf(request), request.params.passkey, request.body.name);
      return { message: "OK" };
    },
  });

  api.route({
    method: "POST",
    url: `${url}proof/`,
    config: { auth: "required" },
    schema: {
      summary: "Begin to prove oneself by a passkey: what the browser is to ask the device for",
      tags,
      response: { 200: PasskeyOptions },
    },
    async handler(request, reply) {
      reply.header("cache-control", "no-store");
      const options = await passkeys.beginProof(userOf(request), await devices.askerOf(request));
      return { options: { ...options } };
    },
  });

  api.route({
    method: "POST",
    url: `${url}:passkey/remove/`,
    config: { auth: "required" },
    schema: {
      summary: "Remove a passkey; the last second factor takes a code or a passkey in this very call",
      tags,
      params: idParameters,
      body: Type.Object({ ...password, ...factorProofFields }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      const user = userOf(request);
      const { current_password, ...proof } = request.body;
      const asker = await devices.askerOf(request);
      const isProved = proof.code !== undefined || proof.passkey !== undefined;
      if (isProved) await proveFactor(user, proof, asker, request.language);
      else {
        const call = { action: "passkeys", password: current_password, asker } as const;
        await stepUp.expectRecentOrPassword({ user, proof: proofOf(request) }, call);
      }
      await passkeys.remove(user, request.params.passkey, isProved, request.language);
      return { message: "OK" };
    },
  });
}
