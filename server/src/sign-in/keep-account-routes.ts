import type { KnownDevices } from "../devices/known-devices.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { SessionCookies } from "../sessions/cookie-authenticator.ts";
import { stepField } from "./held-log-in.ts";
import type { KeepAccount } from "./keep-account.ts";
import { LogInAnswer, logInAnswer, refreshField } from "./refresh-field.ts";

/** What `deletion_pending` leads to: the account is kept, and the log-in goes on. */
export function keepAccountRoutes(
  api: Api,
  deps: {
    readonly keepAccount: KeepAccount;
    readonly devices: KnownDevices;
    readonly sessionCookies: SessionCookies;
  },
): void {
  const { keepAccount, devices, sessionCookies } = deps;
  api.route({
    method: "POST",
    url: "/users/deletion/cancel/",
    config: { auth: "ignored" },
    schema: {
      summary: "Keep an account whose deletion waits, and finish the log-in",
      tags: ["own data"],
      body: Type.Object({ step: stepField, ...refreshField }),
      response: { 200: LogInAnswer },
    },
    async handler(request, reply) {
      const wish = await sessionCookies.wishOf(request, request.body.refresh);
      const asker = await devices.askerOf(request);
      const { account, session } = await keepAccount.keep(request.body.step, asker, wish);
      return logInAnswer(account, session, reply);
    },
  });
}
