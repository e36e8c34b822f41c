import type { Account } from "../accounts/account.ts";
import type { OwnerOf } from "../accounts/expect-owner.ts";
import type { Users } from "../accounts/users.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { type ExpectRecent, proofOf } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import type { Deletions } from "./deletions.ts";

export interface DeletionRoutesDeps {
  readonly db: Db;
  readonly users: Users;
  readonly account: Pick<Account, "provePassword" | "hasPassword">;
  readonly devices: KnownDevices;
  readonly deletions: Deletions;
  readonly ownerOf: OwnerOf;
  /** A second factor that was shown for this very call. */
  readonly expectFactor: (...of: Parameters<ExpectRecent>) => Promise<void>;
}

/**
 * POST /user/deletion/: the owner's own. Promise: proved in this very call, however recent the log-in; where nothing waits and so
 * nothing could be cancelled, by the password and the second factor both, where there are both. Attack: a stolen token, or a link
 * that somebody is made to open; guards: step-up-matrix.test.ts, deletion.test.ts,
 * deletion-final.test.ts.
 */
export function deletionRoutes(api: Api, deps: DeletionRoutesDeps): void {
  const { db, users, account, devices, deletions } = deps;
  api.route({
    method: "POST",
    url: "/user/deletion/",
    config: { auth: "required" },
    schema: {
      summary: "Delete the own account: every session ends now, and after some days it is erased",
      tags: ["own data"],
      body: Type.Object({
        current_password: Type.Optional(Type.String({ trim: false, maxLength: 4096 })),
      }),
      response: { 202: Type.Object({ message: Type.String(), erased_at: Type.String() }) },
    },
    async handler(request, reply) {
      const seen = userOf(request);
      const asker = await devices.askerOf(request);
      const { current_password: password } = request.body;
      const caller = { user: seen, proof: proofOf(request) };
      const isFinal = deletions.graceDays === 0;
      if (isFinal && seen.second_factor_at != null) {
        // The password first: a wrong one must not use the proof up.
        if (await account.hasPassword(seen.id)) {
          if (password === undefined) throw invalidFields({ field: "current_password", code: "required" });
          await account.provePassword(seen.id, password, asker);
        }
        await deps.expectFactor(caller, "deletion");
      } else {
        await deps.ownerOf(caller, { action: "deletion", inThisCall: true, asker })(password);
      }
      const dueAt = await db.transaction(async (transaction) => {
        // Without the lock: that is taken in an order of its own.
        const user = await users.byId(seen.id, transaction);
        const isSame = user?.credentials_version === seen.credentials_version;
        if (user === null || !isSame) throw new AppError("token_unknown_user");
        const actor = { id: user.id, name: user.username, requestId: String(request.id).slice(0, 64) };
        return deletions.ask(transaction, user, { actor });
      });
      if (seen.session_cookie !== undefined) reply.header("set-cookie", seen.session_cookie.removal);
      reply.code(202);
      return { message: "OK", erased_at: new Date(dueAt).toISOString() };
    },
  });
}
