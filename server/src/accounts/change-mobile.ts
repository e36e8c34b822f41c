import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import { AppError } from "../errors/errors.ts";
import type { AccountDeps } from "./account.ts";
import { keepReplaced } from "./address-changes.ts";
import { writeChanges } from "./change.ts";
import { tellChange } from "./change-events.ts";
import type { ExpectOwner } from "./expect-owner.ts";
import { createExpectOldNumber } from "./old-number.ts";
import { tellNumberChange } from "./owner-notices.ts";
import { takeClaimedNumber } from "./proved-number.ts";
import type { User } from "./record.ts";
import type { StaleNumbers } from "./stale-numbers.ts";

/** What is asked before any change of what the account is logged in by; account.ts has it. */
export interface OwnerChecks {
  userNow(id: number): Promise<User>;
  lockUnchanged(transaction: AccountDeps["db"], seen: User): Promise<User>;
}

export interface NumberDeps {
  /** Codes by SMS; null where the site sends none. */
  readonly smsCodes: Verifications | null;
  readonly staleNumbers: StaleNumbers;
}

export interface MobileChange {
  readonly mobile: string;
  readonly sms_code: string;
  /** Sent to the proved number that there is (old-number.ts). */
  readonly old_sms_code?: string;
  readonly current_password?: string;
}

/**
 * A number, proved by the code sent to it (`send_type=changeMobile`): a new one, or the one that is there. Errors:
 * `old_number_required` (old-number.ts), `sms_off` where the site sends no SMS, `invalid_fields` (wrong present password, a number that another account holds),
 * `sms_code_wrong`, `sms_code_expired`, `throttled`. What it replaces is kept for a log-in that is disowned later.
 */
export function createMobileChange(
  {
    db,
    clock,
    jobs,
    users,
    events,
    smsCodes,
    staleNumbers,
  }: Pick<AccountDeps, "db" | "clock" | "jobs" | "users" | "events"> & NumberDeps,
  { userNow, lockUnchanged }: OwnerChecks,
) {
  const oldNumber = createExpectOldNumber({ clock, smsCodes });
  return async (id: number, input: MobileChange, asker: Asker, expectOwner: ExpectOwner): Promise<User> => {
    if (smsCodes === null) throw new AppError("sms_off");
    const user = await userNow(id);
    const { mobile } = input;
    oldNumber.expectGiven(user, mobile, input.old_sms_code);
    await expectOwner(input.current_password);
    const old = await oldNumber.take(user, mobile, { code: input.old_sms_code, asker });
    const proof = await smsCodes.check("changeMobile", mobile, input.sms_code, asker);
    const loser = await staleNumbers.loserOf(mobile, asker);
    const updated = await db.transaction(async (transaction) => {
      const before = await lockUnchanged(transaction, user);
      await smsCodes.consume(transaction, proof);
      await old.use(transaction, before);
      const now = clock.now();
      await takeClaimedNumber(transaction, mobile, { userId: id, users, jobs, now, loser });
      const changes = { mobile, proved_mobile: mobile, mobile_proved_at: now };
      const after = await writeChanges(transaction, before, changes, {
        now,
        claims: ["mobile"],
        isErased: users.isErased,
      });
      await keepReplaced(transaction, { before, after, now });
      await tellNumberChange(jobs, transaction, { before, after, now });
      await tellChange(events, transaction, before, after);
      return after;
    });
    await smsCodes.forget(proof);
    await old.forget();
    return updated;
  };
}
