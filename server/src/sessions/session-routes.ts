import { whoActs } from "../audit/impersonator.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { RememberedDevices } from "../devices/remembered-devices.ts";
import { AppError } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { type ExpectRecent, proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import type { Disown } from "./disown.ts";
import type { Impersonations } from "./impersonations.ts";
import { SessionView, viewOf } from "./session-view.ts";
import type { Sessions } from "./sessions.ts";

const tags = ["sessions"];

export interface SessionRoutesDeps {
  readonly sessions: Sessions;
  readonly impersonations: Pick<Impersonations, "end">;
  readonly disown: Disown;
  readonly devices: KnownDevices;
  readonly expectRecent: ExpectRecent;
  readonly rememberedDevices: Pick<RememberedDevices, "forgetOthers">;
}

/** The own sessions: see them, end one, end the others, log out. POST /user/tokens/end/ ends them all. */
export function sessionRoutes(api: Api, deps: SessionRoutesDeps): void {
  const { sessions, impersonations, disown, devices, rememberedDevices, expectRecent } = deps;
  api.route({
    method: "POST",
    url: "/user/sessions/disown/",
    // From a mail: whoever has it is its reader, logged in or not.
    config: { auth: "ignored" },
    schema: {
      summary:
        "This wasn't me: ends every session of the account, and mails its owner a code for a new password",
      tags,
      body: Type.Object({ token: Type.String({ maxLength: 200, check: () => null }) }),
      response: { 200: Type.Object({ message: Type.String(), mailed: Type.Boolean() }) },
    },
    async handler(request) {
      const { language } = request;
      const asker = await devices.askerOf(request);
      const { mailed } = await disown.disown(request.body.token, { language, asker });
      return { message: "OK", mailed };
    },
  });

  api.route({
    method: "GET",
    url: "/user/sessions/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "The own sessions, the one used last first; `current` is the request's own",
      tags,
      response: { 200: Type.Object({ sessions: Type.Array(SessionView) }) },
    },
    async handler(request) {
      const user = userOf(request);
      const rows = await sessions.list(user);
      return { sessions: await Promise.all(rows.map((row) => viewOf(row, user.session_id))) };
    },
  });

  api.route({
    method: "DELETE",
    url: "/user/sessions/",
    config: { auth: "required", stepUp: "sessions" },
    schema: {
      summary: "End every own session but this one",
      tags,
      response: { 200: Type.Object({ ended: Type.Integer() }) },
    },
    async handler(request) {
      const user = userOf(request);
      // Whoever ends them all means the devices, too: a log-in there asks for everything again.
      await rememberedDevices.forgetOthers(user.id, await devices.askerOf(request));
      return { ended: await sessions.endOthers(user, user.session_id ?? "") };
    },
  });

  api.route({
    method: "DELETE",
    url: "/user/sessions/current/",
    config: { auth: "required", impersonated: true },
    schema: { summary: "Log out: end this session", tags, response: { 204: Type.Null() } },
    async handler(request, reply) {
      const user = userOf(request);
      const { id, session_id, session_cookie, impersonator } = user;
      // A token of another service, or of the version before sessions, ends by itself or with all the others.
      if (!session_id) throw new AppError("not_found");
      const ended = { session: session_id, by: "log_out" } as const;
      if (impersonator === undefined) await sessions.end(id, session_id, "log_out");
      else await impersonations.end(whoActs(user, String(request.id)), user, ended);
      if (session_cookie !== undefined) reply.header("set-cookie", session_cookie.removal);
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: "DELETE",
    url: "/user/sessions/:session/",
    config: { auth: "required" },
    schema: {
      summary: "End one own session",
      tags,
      params: Type.Object({ session: Type.String({ maxLength: 22 }) }),
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      const user = userOf(request);
      const { session_id, session_cookie } = user;
      const { session } = request.params;
      // The present one is a log-out, which never asks: whoever leaves a device in a hurry must get away.
      if (session !== session_id) await expectRecent({ user, proof: proofOf(request) }, "sessions");
      await impersonations.end(whoActs(user, String(request.id)), user, { session, by: "owner" });
      if (session === session_id && session_cookie !== undefined) {
        reply.header("set-cookie", session_cookie.removal);
      }
      return reply.code(204).send(null);
    },
  });
}
