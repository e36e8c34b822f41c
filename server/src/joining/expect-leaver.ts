import type { Account } from "../accounts/account.ts";
import { createExpectOldNumber, type OldNumberDeps } from "../accounts/old-number.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { StepUpCaller } from "../http/step-up.ts";
import type { Leaver } from "./join-tickets.ts";

/**
 * Whether it is the owner who lets their account go into another one. It is erased at once, and its proved number and its third parties
 * are the other one's from then on, so no less is asked for than where the number is taken away (accounts/old-number.ts) and where an
 * account is deleted at once (rights/deletion-routes.ts): a code to the number, and every factor that there is. Attack: whoever has the
 * victim's password joins the victim's account into their own, and has number and address without a code (guard: joining-leaver.test.ts).
 */
export interface ExpectLeaverDeps extends OldNumberDeps {
  readonly db: Db;
  readonly users: Pick<Users, "byId" | "lock">;
  readonly account: Pick<Account, "provePassword" | "hasPassword">;
  /** Something of this very call (sign-in/step-up.ts). */
  readonly expectProof: (caller: StepUpCaller, call: LeaversCall) => Promise<void>;
  /** A second factor that was shown for this very call. */
  readonly expectFactor: (caller: StepUpCaller, action: "joining") => Promise<void>;
}

export interface LeaversCall {
  readonly action: "joining";
  readonly password: string | undefined;
  readonly asker: Asker;
}

export function createExpectLeaver(deps: ExpectLeaverDeps) {
  const { db, users, account, expectProof, expectFactor } = deps;
  const oldNumber = createExpectOldNumber(deps);

  /**
   * Returns the account as it was judged. `code`: to its proved number. Errors: `old_number_required`, `sms_code_wrong`,
   * `sms_code_expired`, `throttled`, `invalid_fields` (current_password), `reauthentication_required`.
   */
  return async (caller: StepUpCaller, call: LeaversCall, code: string | undefined): Promise<Leaver> => {
    const user = await users.byId(caller.user.id);
    if (user === null) throw new AppError("token_unknown_user");
    oldNumber.expectGiven(user, null, code);
    if (user.second_factor_at === null) await expectProof(caller, call);
    else {
      // The password first: a wrong one must not use the proof up.
      if (await account.hasPassword(user.id)) {
        if (call.password === undefined) throw invalidFields({ field: "current_password", code: "required" });
        await account.provePassword(user.id, call.password, call.asker);
      }
      await expectFactor(caller, "joining");
    }
    const old = await oldNumber.take(user, null, { code, asker: call.asker });
    await db.transaction(async (transaction) => {
      const locked = await users.lock(transaction, user.id);
      if (locked === null) throw new AppError("token_unknown_user");
      await old.use(transaction, locked);
    });
    await old.forget();
    return user;
  };
}
