import { readEnd } from "../accounts/end-time.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters } from "./admin-fields.ts";
import { administratorOf, needs } from "./staff.ts";
import type { StaffDisablings } from "./staff-disablings.ts";

const reason = { minLength: 4, maxLength: 500 };
const ok = { 200: Type.Object({ message: Type.String() }) };
const tags = ["administration"];

/** /admin/users/<id>/disable/ and enable/: with a reason, and for a while where an end is given. */
export function disablingRoutes(
  api: Api,
  { staffDisablings }: { readonly staffDisablings: StaffDisablings },
): void {
  api.route({
    method: "POST",
    url: "/admin/users/:id/disable/",
    config: needs("users.change_user"),
    schema: {
      summary: "Disable an account with a reason; with `until` it comes back by itself then",
      tags,
      params: idParameters,
      body: Type.Object({
        reason: Type.String(reason),
        until: Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601" })),
      }),
      response: ok,
    },
    async handler(request) {
      const { params, body } = request;
      const wanted = { reason: body.reason, endsAt: readEnd(body.until) };
      await staffDisablings.disable(administratorOf(request), params.id, wanted);
      return { message: "OK" };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/users/:id/enable/",
    config: needs("users.change_user"),
    schema: {
      summary: "Let a disabled account in again",
      tags,
      params: idParameters,
      body: Type.Object({ reason: Type.Optional(Type.String(reason)) }),
      response: ok,
    },
    async handler(request) {
      const { params, body } = request;
      await staffDisablings.enable(administratorOf(request), params.id, body.reason ?? null);
      return { message: "OK" };
    },
  });
}
