import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { Language } from "../words/language.ts";
import { isSameName } from "./account-field.ts";
import { replacedEmails, settledEmail } from "./address-changes.ts";
import type { User } from "./record.ts";
import { securityNoticeJob } from "./user-jobs.ts";

/** A change of the address by its owner, or by somebody in their place. */
export interface AddressChange {
  readonly before: User;
  /** With the address that logs in from now on. */
  readonly after: User;
  readonly language: Language;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Tells of the change in its transaction: the old address; where none logged in before, the new one, and each that the account had
 * within seven days, which a thief may have removed. "This wasn't me" is for the address that was there for seven days alone: of two
 * that followed each other one may be a thief's, who could take back what the owner took from them. Attack: a stolen session that
 * gives an account without an address one of the thief's (guards: first-address.test.ts, owner-notices.test.ts).
 */
export async function tellAddressChange(
  jobs: Pick<Jobs, "enqueueWith">,
  transaction: Db,
  { before, after, language, now }: AddressChange,
): Promise<void> {
  const facts = { userId: after.id, at: now };
  if (before.email !== null && after.email !== null && !isSameName(before.email, after.email)) {
    const noUndo = before.email !== (await settledEmail(transaction, after, now));
    const notice = { ...facts, kind: "email_changed" as const, language, to: before.email, noUndo };
    await jobs.enqueueWith(transaction, securityNoticeJob, notice);
  }
  if (before.email === null) await tellFirstAddress(jobs, transaction, { after, language, now });
}

/** The same where an address that the account had already logs in for the first time. */
export async function tellFirstAddress(
  jobs: Pick<Jobs, "enqueueWith">,
  transaction: Db,
  { after, language, now }: Omit<AddressChange, "before">,
): Promise<void> {
  const earlier = await replacedEmails(transaction, after, now);
  const told = after.email === null ? earlier : [after.email, ...earlier];
  const settled = await settledEmail(transaction, after, now);
  for (const to of told) {
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      ...{ userId: after.id, kind: "email_added", at: now, to, noUndo: to === after.email || to !== settled },
      // Whoever reads an earlier one is not who asked.
      language: to === after.email ? language : "unknown",
    });
  }
}
