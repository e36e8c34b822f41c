import { AppError } from "../../errors/errors.ts";
import { userOf } from "../../http/authentication.ts";
import type { Api } from "../../http/server.ts";
import { clientNetwork } from "../../kernel/client-address.ts";
import Type from "../../kernel/schema/schema.ts";
import type { BrowserCookie } from "../flow/browser-cookie.ts";
import type { ThirdPartyLogIn } from "../flow/third-party-login.ts";
import { readWithTicket, ticketFields } from "../flow/ticket-fields.ts";
import type { Binding } from "./binding-store.ts";
import type { Bindings } from "./bindings.ts";
import type { Grants } from "./grants.ts";

/** The logged-in user's bindings: list, add, remove. */
export interface BindingRoutesDeps {
  readonly thirdPartyLogIn: ThirdPartyLogIn;
  readonly bindings: Bindings;
  readonly grants: Pick<Grants, "sealed">;
  readonly cookie: BrowserCookie;
}

const Params = Type.Object({ provider: Type.String({ maxLength: 32 }) });
const nullableText = Type.Union([Type.String(), Type.Null()]);

/** A binding as its owner sees it. */
export const BindingView = Type.Object({
  provider: Type.String(),
  nickname: nullableText,
  avatar: nullableText,
  created_at: Type.String(),
  last_login_at: nullableText,
});

/** Either a ticket, or the code and state of a flow that this user began. */
const AddBody = Type.Object({
  ...ticketFields,
  code: Type.Optional(Type.String({ maxLength: 1024 })),
  state: Type.Optional(Type.String({ maxLength: 2048 })),
  iss: Type.Optional(Type.String({ maxLength: 512 })),
});

const tags = ["account"];

export function bindingRoutes(
  api: Api,
  { thirdPartyLogIn, bindings, grants, cookie }: BindingRoutesDeps,
): void {
  api.route({
    method: "GET",
    url: "/user/bindings/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "The own third-party bindings",
      tags,
      response: { 200: Type.Object({ bindings: Type.Array(BindingView) }) },
    },
    async handler(request) {
      const all = await bindings.list(userOf(request).id);
      return { bindings: all.map(bindingView) };
    },
  });

  api.route({
    method: "POST",
    url: "/user/bindings/:provider/",
    config: { auth: "required", stepUp: "bindings" },
    attachValidation: true,
    schema: {
      summary: "Add a third-party binding",
      tags,
      params: Params,
      body: AddBody,
      response: { 201: BindingView },
    },
    async handler(request, reply) {
      const user = userOf(request);
      const facts = { language: request.language, isProved: request.provedHow === "now" };
      const { provider } = request.params as { provider: string };
      const sent = (request.body ?? {}) as { code?: unknown; state?: unknown; iss?: unknown };
      reply.code(201);
      if (typeof sent.code !== "string" || request.validationError) {
        const { ticket, named } = readWithTicket(request, Object.keys(AddBody.properties));
        return bindingView(await named(bindings.addWithTicket(user, { provider, ticket }, facts)));
      }
      const network = clientNetwork(request.ip);
      const { client, identity, userId, purpose } = await thirdPartyLogIn.identify({
        provider,
        code: sent.code,
        state: String(sent.state ?? ""),
        network,
        issuer: typeof sent.iss === "string" ? sent.iss : null,
        browserId: cookie.read(request.headers.cookie),
      });
      // Somebody else's code brought to this user's session would bind that somebody to the account.
      if (userId !== user.id || purpose !== undefined) throw new AppError("oauth_state_invalid");
      const profile = await thirdPartyLogIn.profileOf(client, identity, network);
      const grant = grants.sealed(client.name, identity);
      const content = { provider: client.name, keys: identity.keys, profile, userId, grant };
      return bindingView(await bindings.addIdentified(user, content, facts));
    },
  });

  api.route({
    method: "DELETE",
    url: "/user/bindings/:provider/",
    config: { auth: "required", stepUp: "bindings" },
    schema: {
      summary: "Remove every own binding at a provider",
      tags,
      params: Params,
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await bindings.remove(userOf(request).id, request.params.provider, {
        language: request.language,
      });
      return reply.code(204).send(null);
    },
  });
}

export function bindingView(binding: Binding) {
  const { provider, nickname, avatar, created_at, last_login_at } = binding;
  return {
    provider,
    nickname,
    avatar,
    created_at: new Date(created_at).toISOString(),
    last_login_at: last_login_at === null ? null : new Date(last_login_at).toISOString(),
  };
}
