import { expectImpersonal } from "../accounts/staff-reason.ts";
import { endTokens } from "../accounts/user-change.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import { idParameters } from "./admin-fields.ts";
import type { Administrator, Limits } from "./administrator.ts";
import { administratorOf, needsPerson } from "./staff.ts";

/**
 * Takes the second factor from an account whose owner lost it. Promises: never one's own, which would make a stolen token of
 * staff enough; a reason stands in the audit log; every session ends; the owner is told.
 */
export interface SecondFactorAdminDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly users: Users;
  readonly limits: Limits;
  readonly secondFactors: Pick<SecondFactors, "reset">;
}

export function secondFactorAdminRoutes(api: Api, deps: SecondFactorAdminDeps): void {
  api.route({
    method: "POST",
    url: "/admin/users/:id/second-factor/reset/",
    config: needsPerson("users.change_user"),
    schema: {
      summary: "Take the second factor from an account whose owner lost it",
      tags: ["administration"],
      params: idParameters,
      body: Type.Object({ reason: Type.String({ minLength: 4, maxLength: 500 }) }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      await reset(deps, administratorOf(request), request.params.id, request.body.reason);
      return { message: "OK" };
    },
  });
}

/** Errors: `not_found`, `forbidden`, `invalid_fields` where there is none. */
async function reset(
  deps: SecondFactorAdminDeps,
  actor: Administrator,
  id: number,
  reason: string,
): Promise<void> {
  expectImpersonal(reason);
  const { db, clock, audit, users, limits, secondFactors } = deps;
  await db.transaction(async (transaction) => {
    const seen = await users.byId(id, transaction);
    if (seen === null) throw new AppError("not_found");
    limits.mayChangeStanding(actor, seen);
    await limits.mayTouch(actor, seen);
    const user = await users.lock(transaction, id);
    if (user === null) throw new AppError("not_found");
    // Again under the lock: a superuser may have promoted the account since it was read.
    await limits.mayTouch(actor, user);
    if (!(await secondFactors.reset(transaction, user))) {
      throw invalidFields({ field: "id", code: "no_second_factor" });
    }
    await endTokens(transaction, clock, id);
    await audit.record(transaction, actor, {
      ...{ action: "user.reset-second-factor", targetKind: "user", targetId: id, target: user.username },
      before: { second_factor_at: user.second_factor_at },
      after: { second_factor_at: null, reason },
    });
  });
}
