import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { Deletions } from "../rights/deletions.ts";
import { idParameters } from "./admin-fields.ts";
import type { Administrator, Limits } from "./administrator.ts";
import { administratorOf, needsPerson } from "./staff.ts";

/**
 * Deletes an account for its owner, or for cause. Promises: never one's own, for which /user/deletion/ asks for a proof; staff
 * only by a superuser, and a superuser by nobody here, so that no equal is removed (attack: one stolen administrator who gets rid
 * of all others); a reason stands in the audit log; the grace is the owner's, who is told.
 */
export interface UserDeletionDeps {
  readonly db: Db;
  readonly users: Users;
  readonly limits: Limits;
  readonly deletions: Pick<Deletions, "ask">;
}

export function userDeletionRoutes(api: Api, deps: UserDeletionDeps): void {
  api.route({
    method: "DELETE",
    url: "/admin/users/:id/",
    config: needsPerson("users.delete_user"),
    schema: {
      summary: "Delete an account: its sessions end now, and after the grace it is erased",
      tags: ["administration"],
      params: idParameters,
      body: Type.Object({ reason: Type.String({ minLength: 4, maxLength: 500 }) }),
      response: { 202: Type.Object({ message: Type.String(), erased_at: Type.String() }) },
    },
    async handler(request, reply) {
      const { params, body } = request;
      const dueAt = await askFor(deps, administratorOf(request), params.id, body.reason);
      reply.code(202);
      return { message: "OK", erased_at: new Date(dueAt).toISOString() };
    },
  });
}

/** Errors: `not_found`, `forbidden`. */
async function askFor(
  { db, users, limits, deletions }: UserDeletionDeps,
  actor: Administrator,
  id: number,
  reason: string,
): Promise<number> {
  return db.transaction(async (transaction) => {
    // Locked before it is judged: who becomes staff at this moment is so before or after. A superuser, whose lock has an order, is refused.
    const target = await users.lock(transaction, id);
    if (target === null) throw new AppError("not_found");
    limits.mayChangeStanding(actor, target);
    await limits.mayTouch(actor, target);
    if (target.is_superuser === 1) throw new AppError("forbidden");
    if (target.is_staff === 1) limits.mayAppoint(actor);
    return deletions.ask(transaction, target, { actor, reason });
  });
}
