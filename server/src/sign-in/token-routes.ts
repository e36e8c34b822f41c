import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { Door } from "./complete.ts";
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
  { logIn, door, devices }: { logIn: LogIn; door: Door; devices: KnownDevices },
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
        const proved = await logIn.prove(request.body.username, request.body.password, asker);
        const { token, cookie } = await door.complete(proved, asker);
        reply.header("set-cookie", cookie);
        const { id, username } = proved.account;
        return { token, user_id: id, username: readableEmail(username) };
      },
    });
  }
}
