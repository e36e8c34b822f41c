import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { passwordField } from "../passwords/password-policy.ts";
import type { FindPassword } from "./find-password.ts";

/** Any text: imported accounts may have names that nobody could choose. */
const anyName = Type.String({ maxLength: 254, check: () => null });
const optionalText = (maxLength: number) => Type.Optional(Type.String({ maxLength, allowBlank: true }));
const ticketText = { maxLength: 2048, check: () => null };
const tags = ["classic"];
/** These GETs send messages and use codes up; a HEAD does nothing. */
const acting = { exposeHeadRoute: false } as const;

export interface FindPasswordRoutesDeps {
  readonly findPassword: FindPassword;
  readonly devices: KnownDevices;
}

/** The find-password page's calls, in their order. */
export function findPasswordRoutes(api: Api, { findPassword, devices }: FindPasswordRoutesDeps): void {
  api.route({
    ...acting,
    method: "GET",
    url: "/accounts/:name/sms/token/",
    config: { auth: "ignored", dear: true },
    schema: {
      summary: "To find a password: whose it is, behind a picture code",
      tags,
      params: Type.Object({ name: anyName }),
      querystring: Type.Object({
        ...{ text: optionalText(50), image_code: optionalText(50), image_code_id: optionalText(50) },
      }),
      response: { 200: Type.Object({ mobile: Type.String(), access_token: Type.String() }) },
    },
    async handler(request) {
      const { text, image_code, image_code_id: id } = request.query;
      const asker = await devices.askerOf(request);
      return findPassword.begin(request.params.name, { id, typed: text || image_code }, asker);
    },
  });

  api.route({
    ...acting,
    method: "GET",
    url: "/sms_codes/",
    config: { auth: "ignored", dear: true },
    schema: {
      summary: "To find a password: a code to the account's number, by the ticket of the step before",
      tags,
      querystring: Type.Object({ access_token: Type.String(ticketText) }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request, reply) {
      const asker = await devices.askerOf(request);
      const { access_token: ticket } = request.query;
      const { retryAfterSeconds } = await findPassword.send(ticket, request.language, asker);
      reply.header("retry-after", String(retryAfterSeconds));
      return { message: "OK" };
    },
  });

  api.route({
    ...acting,
    method: "GET",
    url: "/accounts/:name/password/token/",
    config: { auth: "ignored", dear: true },
    schema: {
      summary: "To find a password: the code typed, for the ticket that sets one",
      tags,
      params: Type.Object({ name: anyName }),
      querystring: Type.Object({ sms_code: Type.String({ maxLength: 20 }) }),
      response: { 200: Type.Object({ user_id: Type.Integer(), access_token: Type.String() }) },
    },
    async handler(request) {
      const asker = await devices.askerOf(request);
      return findPassword.prove(request.params.name, request.query.sms_code, asker);
    },
  });

  api.route({
    method: "POST",
    url: "/users/:id/password/",
    config: { auth: "ignored" },
    schema: {
      summary: "To find a password: sets it, by the ticket of the typed code; every earlier token ends",
      tags,
      params: Type.Object({ id: Type.Integer() }),
      body: Type.Object({
        password: Type.String(passwordField),
        password2: Type.String(passwordField),
        access_token: Type.String(ticketText),
      }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request, reply) {
      const asker = await devices.askerOf(request);
      const { password, password2: repeated, access_token: ticket } = request.body;
      const how = { language: request.language, asker };
      const user = await findPassword.set(request.params.id, ticket, { password, repeated }, how);
      // As after any reset: else strangers who fill their counters again would keep the owner out.
      reply.header("set-cookie", await devices.remember(user, asker));
      return { message: "OK" };
    },
  });
}
