import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import type { Door } from "./complete.ts";
import type { LogIn } from "./log-in.ts";
import { LogInAnswer, logInAnswer, refreshField } from "./refresh-field.ts";

const LogInBody = Type.Object({
  // Any text: imported accounts may have names that nobody could choose.
  username: Type.String({ maxLength: 254, check: () => null }),
  // No lower bound: the account keeps whatever password it has. Bounded before it is hashed.
  password: Type.String({ maxLength: 4096, trim: false }),
  ...refreshField,
});

const RefreshBody = Type.Object({ refresh_token: Type.String({ maxLength: 1000, check: () => null }) });

/** POST /users/authorizations/: log-in by user name, e-mail address or mobile number. */
export function tokenRoutes(
  api: Api,
  deps: {
    logIn: LogIn;
    door: Door;
    devices: KnownDevices;
    sessionCookies: SessionCookies;
    answersId: boolean;
  },
): void {
  const { logIn, door, devices, sessionCookies } = deps;
  for (const url of ["/users/authorizations/", "/authorizations/"]) {
    api.route({
      method: "POST",
      url,
      // A bad token in the header must not keep anyone from getting a good one.
      config: { auth: "ignored" },
      schema: {
        summary: "Log in",
        tags: ["tokens"],
        hide: url === "/authorizations/",
        body: LogInBody,
        response: { 200: Type.Object({ ...LogInAnswer.properties, id: Type.Optional(Type.Integer()) }) },
      },
      async handler(request, reply) {
        const wish = await sessionCookies.wishOf(request, request.body.refresh);
        const asker = await devices.askerOf(request);
        const proved = await logIn.prove(request.body.username, request.body.password, asker);
        const session = await door.complete(proved, asker, wish);
        const { id } = proved.account;
        return { ...logInAnswer(proved.account, session, reply), ...(deps.answersId ? { id } : {}) };
      },
    });
  }

  api.route({
    method: "POST",
    url: "/user/tokens/refresh/",
    // The access token has often expired.
    config: { auth: "ignored" },
    schema: {
      summary: "New tokens for a refresh token, which they replace",
      tags: ["tokens"],
      body: RefreshBody,
      response: {
        200: Type.Object({
          token: Type.String(),
          refresh_token: Type.String(),
          user_id: Type.Integer(),
          username: Type.String(),
        }),
      },
    },
    async handler(request, reply) {
      const asker = await devices.askerOf(request);
      const { account, token, refreshToken } = await door.refresh(request.body.refresh_token, asker);
      reply.header("cache-control", "no-store");
      return {
        ...{ token, refresh_token: refreshToken ?? "" },
        ...{ user_id: account.id, username: readableEmail(account.username) },
      };
    },
  });
}
