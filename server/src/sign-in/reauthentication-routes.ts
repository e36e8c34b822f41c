import type { KnownDevices } from "../devices/known-devices.ts";
import { invalidFields } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import type { BrowserCookie } from "../identities/flow/browser-cookie.ts";
import Type from "../kernel/schema/schema.ts";
import { stepUpActions } from "../kernel/step-up-actions.ts";
import { factorCode, passkeyField } from "./factor-proof.ts";
import type { Evidence, Reauthentication } from "./reauthentication.ts";
import type { StepUp } from "./step-up.ts";
import { stepUpMethods } from "./step-up-methods.ts";

/** POST /user/reauthentication/ and what leads there: proving oneself again in the present session. */
export interface ReauthenticationRoutesDeps {
  readonly reauthentication: Reauthentication;
  readonly stepUp: StepUp;
  readonly devices: KnownDevices;
  readonly cookie: BrowserCookie;
  /** For how long a proof for one call is good. */
  readonly proofLifeSeconds: number;
}

const url = "/user/reauthentication/";
const tags = ["account"];
const Action = Type.Enum([...stepUpActions]);
const optionalText = (maxLength: number) => Type.Optional(Type.String({ maxLength, trim: false }));

const ProveBody = Type.Object({
  action: Type.Optional(Action),
  password: optionalText(4096),
  /** Of the app, or a recovery code; with `provider` the third party's. */
  code: optionalText(1024),
  /** What the device signed, of a challenge of POST /user/passkeys/proof/. */
  passkey: Type.Optional(passkeyField),
  email_code: Type.Optional(Type.String(factorCode)),
  provider: optionalText(32),
  state: optionalText(2048),
  iss: optionalText(512),
});

export function reauthenticationRoutes(api: Api, deps: ReauthenticationRoutesDeps): void {
  statusRoute(api, deps);
  proveRoute(api, deps);
  beginRoutes(api, deps);
}

function statusRoute(api: Api, { stepUp }: ReauthenticationRoutesDeps): void {
  api.route({
    method: "GET",
    url,
    config: { auth: "required" },
    schema: {
      summary: "Whether a log-in or proof in this session is recent, and by what one could be made",
      tags,
      response: {
        200: Type.Object({
          recent: Type.Boolean(),
          methods: Type.Array(Type.Enum([...stepUpMethods])),
          providers: Type.Array(Type.String()),
          email: Type.Union([Type.String(), Type.Null()]),
          max_age: Type.Integer({ description: "Seconds for which one is recent." }),
        }),
      },
    },
    async handler(request) {
      const user = userOf(request);
      return { recent: await stepUp.isRecent(user), ...(await stepUp.offered(user)) };
    },
  });
}

function proveRoute(
  api: Api,
  { reauthentication, stepUp, devices, cookie, ...deps }: ReauthenticationRoutesDeps,
) {
  api.route({
    method: "POST",
    url,
    config: { auth: "required" },
    schema: {
      summary:
        "Prove oneself again: by `password`, `code`, `passkey`, `email_code`, or `provider` with its `code` and `state`; `action` is answered a proof for one call",
      tags,
      body: ProveBody,
      response: {
        200: Type.Object({
          message: Type.String(),
          expires_in: Type.Integer(),
          proof: Type.Optional(Type.String({ description: "For the header `x-meiduo-proof` of one call." })),
        }),
      },
    },
    async handler(request, reply) {
      const { action = null, ...shown } = request.body;
      const evidence = evidenceOf(shown, cookie.read(request.headers.cookie));
      const how = { asker: await devices.askerOf(request), language: request.language };
      const proof = await reauthentication.prove(userOf(request), evidence, action, how);
      reply.header("cache-control", "no-store");
      if (proof === null) return { message: "OK", expires_in: stepUp.recentSeconds };
      return { message: "OK", expires_in: deps.proofLifeSeconds, proof };
    },
  });
}

function beginRoutes(api: Api, { reauthentication, devices, cookie }: ReauthenticationRoutesDeps): void {
  api.route({
    method: "POST",
    url: `${url}email-code/`,
    config: { auth: "required" },
    schema: {
      summary: "Mail a code for the action to the own confirmed address",
      tags,
      body: Type.Object({ action: Action }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request, reply) {
      const how = { asker: await devices.askerOf(request), language: request.language };
      const sent = await reauthentication.mailCode(userOf(request), request.body.action, how);
      reply.header("retry-after", String(sent.retryAfterSeconds));
      return { message: "OK" };
    },
  });

  api.route({
    method: "POST",
    url: `${url}authorization/`,
    config: { auth: "required" },
    schema: {
      summary: "Where to send the browser to prove oneself by a third party that is bound",
      tags,
      body: Type.Object({
        provider: Type.String({ maxLength: 32 }),
        next: Type.Optional(Type.String({ maxLength: 2048, trim: false })),
      }),
      response: { 200: Type.Object({ login_url: Type.String() }) },
    },
    async handler(request, reply) {
      const { provider, next = "/" } = request.body;
      const how = { asker: await devices.askerOf(request), language: request.language };
      const input = { provider, next, browserId: cookie.read(request.headers.cookie) };
      const { url: login_url, browserId } = await reauthentication.begin(userOf(request), input, how);
      reply.header("set-cookie", cookie.write(browserId));
      return { login_url };
    },
  });
}

interface Sent {
  readonly password?: string;
  readonly code?: string;
  readonly passkey?: Readonly<Record<string, unknown>>;
  readonly email_code?: string;
  readonly provider?: string;
  readonly state?: string;
  readonly iss?: string;
}

/** The first that is there. Error: `invalid_fields` where nothing is. */
function evidenceOf(sent: Sent, browserId: string | null): Evidence {
  const { password, code, passkey, email_code: emailCode, provider, state = "", iss } = sent;
  if (provider !== undefined) {
    if (code === undefined) throw invalidFields({ field: "code", code: "required" });
    return { callback: { provider, code, state, issuer: iss ?? null, browserId } };
  }
  if (code !== undefined) return { code };
  if (passkey !== undefined) return { passkey };
  if (emailCode !== undefined) return { emailCode };
  if (password !== undefined) return { password };
  throw invalidFields({ field: "password", code: "required" });
}
