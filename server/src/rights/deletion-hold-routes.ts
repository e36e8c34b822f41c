import { AppError } from "../errors/errors.ts";
import type { CallingService } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { DeclaredPermission } from "../permissions/declared-permissions.ts";
import type { DeletionHolds } from "./deletion-holds.ts";

const scope: DeclaredPermission = "users.hold_deletion";
const config = { auth: "service", permission: scope } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const tags = ["own data"];

/** /users/<id>/deletion/hold/: for services alone, which were told of a deletion by webhook. */
export function deletionHoldRoutes(api: Api, { holds }: { readonly holds: DeletionHolds }): void {
  api.route({
    method: "PUT",
    url: "/users/:id/deletion/hold/",
    config,
    schema: {
      summary:
        "Have an account's erasure wait, with a reason; 15 working days after it was asked for at most",
      tags,
      params,
      body: Type.Object({
        reason: Type.String({ minLength: 4, maxLength: 500 }),
        until: Type.String({ maxLength: 40, description: "ISO 8601" }),
      }),
      response: { 200: Type.Object({ held_until: Type.String() }) },
    },
    async handler(request) {
      const { reason, until } = request.body;
      const time = Date.parse(until);
      const input = { userId: request.params.id, reason, until: Number.isNaN(time) ? 0 : time };
      const end = await holds.hold(serviceOf(request), requestIdOf(request), input);
      return { held_until: new Date(end).toISOString() };
    },
  });

  api.route({
    method: "DELETE",
    url: "/users/:id/deletion/hold/",
    config,
    schema: { summary: "Hold no longer", tags, params, response: { 204: Type.Null() } },
    async handler(request, reply) {
      await holds.release(serviceOf(request), requestIdOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function serviceOf({ currentService }: { readonly currentService: CallingService | null }): CallingService {
  if (currentService === null) throw new AppError("not_authenticated");
  return currentService;
}

const requestIdOf = ({ id }: { readonly id: string }) => id.slice(0, 64);
