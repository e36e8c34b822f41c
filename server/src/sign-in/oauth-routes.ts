import type { FastifyReply } from "fastify";
import type { ReservedUsernames } from "../accounts/reserved-usernames.ts";
import { choicesIn } from "../admission/sign-up-choices.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { type BrowserCookie, newBrowserId } from "../identities/flow/browser-cookie.ts";
import { withoutCode } from "../identities/flow/no-code.ts";
import type { ThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import { readWithTicket } from "../identities/flow/ticket-fields.ts";
import type { CodelessCallback } from "../identities/providers/definition.ts";
import { knownProvider } from "../identities/providers/known-provider.ts";
import type { Providers } from "../identities/providers/providers.ts";
import { clientNetwork, clientNetworks } from "../kernel/client-address.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies, Wish } from "../sessions/cookie-authenticator.ts";
import { closestOf } from "../words/language.ts";
import type { BindFirstLogIn } from "./bind-first-log-in.ts";
import type { Door } from "./complete.ts";
import { contactIn, contactKindOf, contactProblems } from "./contact-fields.ts";
import { Account, accountBody, BindBody } from "./first-log-in-fields.ts";
import type { Proved } from "./proved.ts";
import type { ProviderLogIn } from "./provider-log-in.ts";
import { refreshAnswer, refreshField, tokensOf } from "./refresh-field.ts";

/** Log-in through a provider (contract: endpoints of the tutorial). */
export interface OauthRoutesDeps {
  readonly thirdPartyLogIn: ThirdPartyLogIn;
  readonly providerLogIn: ProviderLogIn;
  readonly bindFirstLogIn: BindFirstLogIn;
  readonly providers: Providers;
  readonly cookie: BrowserCookie;
  readonly door: Door;
  readonly devices: KnownDevices;
  readonly sessionCookies: SessionCookies;
  readonly reservedUsernames: ReservedUsernames;
}

const Params = Type.Object({ provider: Type.String({ maxLength: 32 }) });
const optionalText = (maxLength: number) => Type.Optional(Type.String({ maxLength, allowBlank: true }));
// Checked by safeNext, which judges control characters and spaces itself.
const pathText = Type.Optional(Type.String({ maxLength: 2048, allowBlank: true, trim: false }));
const nullableText = Type.Union([Type.String(), Type.Null()]);

const tags = ["third-party log-in"];

export function oauthRoutes(api: Api, deps: OauthRoutesDeps): void {
  const { thirdPartyLogIn, providerLogIn, bindFirstLogIn, providers, cookie, door, devices } = deps;
  const { wishOf } = deps.sessionCookies;
  const AccountBody = accountBody(deps.reservedUsernames);

  api.route({
    method: "GET",
    url: "/oauth/providers/",
    config: { auth: "optional", impersonated: true },
    schema: {
      summary: "The providers that can be used here",
      tags,
      response: {
        200: Type.Object({
          providers: Type.Array(
            Type.Object({ name: Type.String(), title: Type.String(), login_type: Type.Integer() }),
          ),
        }),
      },
    },
    async handler(request, reply) {
      const { language } = request;
      // A browser that has the cookie before it begins is bound to it strictly.
      reply.header("set-cookie", cookie.write(cookie.read(request.headers.cookie) ?? newBrowserId()));
      return {
        providers: providers.all.flatMap(({ client, title }) =>
          client
            ? [{ name: client.name, title: closestOf(language, title), login_type: client.loginType }]
            : [],
        ),
      };
    },
  });

  api.route({
    method: "GET",
    url: "/oauth/:provider/authorization/",
    // A HEAD does nothing (RFC 9110 section 9.3.2); these two GETs begin and finish a log-in.
    exposeHeadRoute: false,
    config: { auth: "optional" },
    schema: {
      summary: "Where to send the browser",
      tags,
      params: Params,
      querystring: Type.Object({ next: pathText, state: pathText, bind: Type.Optional(Type.Boolean()) }),
      response: {
        200: Type.Object({ login_url: Type.String(), oauth_url: Type.String(), auth_url: Type.String() }),
      },
    },
    async handler(request, reply) {
      const { next, state, bind } = request.query;
      const { currentUser: user } = request;
      // A token is sent by who adds a provider to the account. A cookie comes with a log-in as well: `bind` tells.
      const isForUser = user?.session_cookie === undefined || bind === true;
      const { url, browserId } = await thirdPartyLogIn.begin({
        provider: request.params.provider,
        next: next || state || "/",
        nextField: next ? "next" : "state",
        browserId: cookie.read(request.headers.cookie),
        userId: isForUser ? (user?.id ?? null) : null,
        language: request.language,
        ...clientNetworks(request.ip),
      });
      reply.header("set-cookie", cookie.write(browserId));
      return { login_url: url, oauth_url: url, auth_url: url };
    },
  });

  api.route({
    method: "GET",
    url: "/oauth/:provider/user/",
    exposeHeadRoute: false,
    // A log-in: an expired token in the header must not keep anyone from getting a good one.
    config: { auth: "ignored" },
    schema: {
      summary: "Trade the code for a token, or for a ticket at a first log-in",
      tags,
      params: Params,
      querystring: Type.Object({
        code: optionalText(1024),
        state: pathText,
        iss: optionalText(512),
        error: optionalText(256),
        usercancel: optionalText(16),
        ...refreshField,
      }),
      response: {
        200: Type.Object({
          user_id: Type.Optional(Type.Integer()),
          username: Type.Optional(Type.String()),
          token: Type.Optional(Type.String()),
          ...refreshAnswer,
          access_token: Type.Optional(Type.String()),
          bind_token: Type.Optional(Type.String()),
          profile: Type.Optional(
            Type.Object({ nickname: nullableText, avatar: nullableText, email: nullableText }),
          ),
          // Always there; optional fields keep their declared order, required ones would be moved to the front.
          next: Type.Optional(Type.String()),
        }),
      },
    },
    async handler(request, reply) {
      const { code, state, iss, refresh } = request.query;
      const wish = await wishOf(request, refresh);
      if (!code) {
        const known = knownProvider(providers, request.params.provider);
        throw withoutCode(known, everythingSent(request.raw.url));
      }
      const browserId = cookie.read(request.headers.cookie);
      // Only what this very browser began may log it in (attack: login CSRF; guard: cookie-guard.test.ts).
      if (wish.cookie !== undefined && browserId === null) throw new AppError("oauth_state_invalid");
      const result = await providerLogIn.finish({
        provider: request.params.provider,
        code,
        state: state ?? "",
        issuer: iss || null,
        network: clientNetwork(request.ip),
        browserId,
      });
      if (result.kind === "account") {
        const { proved, next } = result;
        const tokens = await opened(proved, await devices.askerOf(request), wish, reply);
        const { id, username } = proved.account;
        return { user_id: id, username: readableEmail(username), ...tokens, next };
      }
      const { ticket, profile, next } = result;
      return {
        access_token: ticket,
        bind_token: ticket,
        profile: { nickname: profile.nickname, avatar: profile.avatar, email: profile.verifiedEmail },
        next,
      };
    },
  });

  api.route({
    method: "POST",
    url: "/oauth/:provider/user/",
    config: { auth: "ignored" },
    attachValidation: true,
    schema: {
      summary:
        "Bind a first log-in to the account of an e-mail address or a proved number, or make that account",
      tags,
      params: Params,
      body: BindBody,
      response: { 200: Account },
    },
    async handler(request, reply) {
      const asker = await devices.askerOf(request);
      const kind = contactKindOf(request.body);
      const { ticket, named, valid } = readWithTicket(request, Object.keys(BindBody.properties), (problems) =>
        contactProblems(kind, request.body, problems),
      );
      const wish = await wishOf(request, valid.refresh === true);
      const work = bindFirstLogIn.toContact(
        {
          provider: (request.params as { provider: string }).provider,
          ticket,
          ...contactIn(kind, valid),
          password: String(valid.password),
          invitation: invitationOf(valid),
          fields: valid.fields,
          acceptsTerms: String(valid.allow) === "true",
          choices: choicesIn(valid),
        },
        { language: request.language, asker },
      );
      const proved = await named(work);
      return answerOf(proved.account, await named(opened(proved, asker, wish, reply)));
    },
  });

  api.route({
    method: "POST",
    url: "/oauth/:provider/account/",
    config: { auth: "ignored" },
    attachValidation: true,
    schema: {
      summary: "Make an account from a first log-in alone, without an e-mail address",
      tags,
      params: Params,
      body: AccountBody,
      response: { 201: Account },
    },
    async handler(request, reply) {
      const { ticket, named, valid } = readWithTicket(request, Object.keys(AccountBody.properties));
      const wish = await wishOf(request, valid.refresh === true);
      const work = bindFirstLogIn.toNewAccount(
        {
          provider: (request.params as { provider: string }).provider,
          ticket,
          username: String(valid.username),
          invitation: invitationOf(valid),
          fields: valid.fields,
          acceptsTerms: String(valid.allow) === "true",
          choices: choicesIn(valid),
        },
        { language: request.language },
      );
      const proved = await named(work);
      const tokens = await opened(proved, await devices.askerOf(request), wish, reply);
      reply.code(201);
      return answerOf(proved.account, tokens);
    },
  });

  /** The tokens of a session opened for the asker. */
  async function opened(proved: Proved, asker: Asker, wish: Wish, reply: FastifyReply) {
    return tokensOf(await door.complete(proved, asker, wish), reply);
  }
}

function answerOf({ id, username, email }: Proved["account"], tokens: ReturnType<typeof tokensOf>) {
  return {
    ...{ email: readableEmail(email ?? ""), username: readableEmail(username) },
    ...{ ...tokens, user_id: id, id },
  };
}

function invitationOf({ invitation }: Readonly<Record<string, unknown>>): string | undefined {
  return invitation === undefined ? undefined : String(invitation);
}

/** Also under names that the schema has not: how a refusal is sent is each provider's own. */
function everythingSent(url = ""): CodelessCallback {
  return Object.fromEntries(new URLSearchParams(url.slice(url.indexOf("?") + 1)));
}
