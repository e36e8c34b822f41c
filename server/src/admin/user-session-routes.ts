import type { Db } from "../engines/database/database.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { SessionView, viewOf } from "../sessions/session-view.ts";
import { LogIn, logInPage } from "../sign-in/log-in-history-routes.ts";
import { idParameters } from "./admin-fields.ts";
import { administratorOf, needs } from "./staff.ts";
import type { UserAdmin } from "./user-admin.ts";

const tags = ["administration"];

/** An account's sessions for staff: see them, end one; and its log-ins, those that ended too. */
export function userSessionRoutes(
  api: Api,
  { db, userAdmin }: { readonly db: Db; readonly userAdmin: UserAdmin },
): void {
  api.route({
    method: "GET",
    url: "/admin/users/:id/sessions/",
    config: needs("users.view_user"),
    schema: {
      summary: "List an account's sessions",
      tags,
      params: idParameters,
      response: { 200: Type.Object({ sessions: Type.Array(SessionView) }) },
    },
    async handler(request) {
      const rows = await userAdmin.sessions(request.params.id);
      const own = request.currentUser?.session_id;
      return { sessions: await Promise.all(rows.map((row) => viewOf(row, own))) };
    },
  });

  api.route({
    method: "DELETE",
    url: "/admin/users/:id/sessions/:session/",
    config: needs("users.change_user"),
    schema: {
      summary: "End one session of an account",
      tags,
      params: Type.Object({ ...idParameters.properties, session: Type.String({ maxLength: 22 }) }),
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      const { id, session } = request.params;
      await userAdmin.endSession(administratorOf(request), id, session);
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: "GET",
    url: "/admin/users/:id/log-ins/",
    config: needs("users.view_user"),
    schema: {
      summary: "An account's log-ins, the newest first, page by page, as its owner sees them",
      tags,
      params: idParameters,
      querystring: Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 60, allowBlank: true })) }),
      response: {
        200: Type.Object({
          results: Type.Array(LogIn),
          next: Type.Union([Type.String(), Type.Null()], { description: "`cursor` of the next page" }),
        }),
      },
    },
    async handler(request) {
      const { id } = request.params;
      // Of nobody there are none: 404, as of the other lists.
      await userAdmin.sessions(id);
      const { log_ins: results, next } = await logInPage(db, id, request.query.cursor ?? "");
      return { results, next };
    },
  });
}
