import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { Tokens } from "../sessions/tokens.ts";
import type { LogIn } from "./log-in.ts";

const LogInBody = Type.Object({
  // Any text: imported accounts may have names that nobody could choose.
  username: Type.String({ maxLength: 254, check: () => null }),
  // No lower bound: the account keeps whatever password it has. Bounded before it is hashed.
  password: Type.String({ maxLength: 4096, trim: false }),
});

/** POST /users/authorizations/: log-in by user name, e-mail address or mobile number. */
export function tokenRoutes(
  api: Api,
  { logIn, tokens, devices }: { logIn: LogIn; tokens: Tokens; devices: KnownDevices },
): void {
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
        response: {
          200: Type.Object({ token: Type.String(), user_id: Type.Integer(), username: Type.String() }),
        },
      },
      async handler(request, reply) {
        const asker = await devices.askerOf(request);
        const user = await logIn.logIn(request.body.username, request.body.password, asker);
        reply.header("set-cookie", await devices.remember(user, asker));
        return { token: await tokens.issue(user), user_id: user.id, username: readableEmail(user.username) };
      },
    });
  }
}
