import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { impersonatePermission } from "../sessions/impersonations.ts";
import { idParameters } from "./admin-fields.ts";
import type { Impersonate } from "./impersonate.ts";
import { administratorOf, needsPerson } from "./staff.ts";

const tags = ["administration"];
const url = "/admin/users/:id/impersonation/";

/** Acting in an owner's place: whether it is on and who does, begin, end. */
export function impersonationRoutes(api: Api, { impersonate }: { readonly impersonate: Impersonate }): void {
  api.route({
    method: "GET",
    url,
    config: needsPerson(impersonatePermission),
    schema: {
      summary: "Whether staff may act in an owner's place here, and who acts in this one's",
      tags,
      params: idParameters,
      response: {
        200: Type.Object({
          on: Type.Boolean(),
          under_way: Type.Array(
            Type.Object({
              by: Type.Object({ id: Type.Integer(), username: Type.String() }),
              ...{ began: Type.String(), ends: Type.String() },
            }),
          ),
        }),
      },
    },
    async handler({ params }) {
      const found = await impersonate.list(params.id);
      return {
        on: impersonate.isOn,
        under_way: found.map(({ impersonator: id, username, created_at, expires_at }) => ({
          ...{ by: { id, username: maskText(username) }, began: new Date(created_at).toISOString() },
          ends: new Date(expires_at).toISOString(),
        })),
      };
    },
  });

  api.route({
    method: "POST",
    url,
    config: needsPerson(impersonatePermission),
    schema: {
      summary:
        "Act in an owner's place, for a while: answers a token of their account that says who acts (`act`), and can change nothing by which it is opened",
      tags,
      params: idParameters,
      body: Type.Object({ reason: Type.String({ minLength: 4, maxLength: 500 }) }),
      response: {
        201: Type.Object({
          ...{ token: Type.String(), user_id: Type.Integer(), username: Type.String() },
          ...{ ends: Type.String() },
        }),
      },
    },
    async handler(request, reply) {
      const { params, body } = request;
      const begun = await impersonate.begin(
        administratorOf(request),
        userOf(request),
        params.id,
        body.reason,
      );
      reply.code(201).header("cache-control", "no-store");
      const { token, account, endsAt } = begun;
      return { token, user_id: account.id, username: account.username, ends: new Date(endsAt).toISOString() };
    },
  });

  api.route({
    method: "DELETE",
    url,
    config: needsPerson(impersonatePermission),
    schema: {
      summary: "End what is under way in the owner's place, whoever does it",
      tags,
      params: idParameters,
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await impersonate.end(administratorOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}
