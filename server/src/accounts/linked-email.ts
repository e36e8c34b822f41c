import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Language } from "../words/language.ts";
import { isSameName } from "./account-field.ts";
import { tellFirstAddress } from "./address-notices.ts";
import { writeChanges } from "./change.ts";
import { type ChangeEvents, tellChange } from "./change-events.ts";
import { email as emailField } from "./email.ts";
import type { User } from "./record.ts";
import type { Users } from "./users.ts";

/**
 * An address that is confirmed by a link sent to it, for pages that send no code. Promises: until the link was opened the address
 * is none to log in by, to be sent a code or to reset a password, and anybody else may still get it; an address that the account
 * is logged in by is never replaced here, confirmed or not, but by the code sent to the new one (account.ts), of which the old
 * one is told. Attack: a stolen token that makes an account its own by an address of the thief's (guard: classic-account.test.ts).
 */
export interface LinkedEmailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly users: Users;
  readonly jobs: Pick<Jobs, "enqueueWith">;
  readonly events: ChangeEvents;
  /** Why an address can't become an account's here, or null. */
  readonly domainProblem: (email: string) => FieldCode | null;
}

export interface PendingEmail {
  readonly userId: number;
  /** As it is stored. */
  readonly email: string;
  /** The link ends with any change of the account's credentials. */
  readonly credentialsVersion: number;
}

export type LinkedEmail = ReturnType<typeof createLinkedEmail>;

export function createLinkedEmail({ db, clock, users, jobs, events, domainProblem }: LinkedEmailDeps) {
  const isConfirmed = (user: User, email: string) =>
    user.email_verified === 1 && user.email !== null && isSameName(user.email, email);

  return {
    /**
     * Notes the address as the account's, to be confirmed; null where it is confirmed already. Errors: `invalid_fields`
     * (email: its domain, another account's, one is there that logs in), `token_expired`, `token_unknown_user`.
     */
    async note(id: number, given: string): Promise<PendingEmail | null> {
      const email = emailField.normalize(given);
      const user = await users.byId(id);
      if (user === null) throw new AppError("token_unknown_user");
      if (isConfirmed(user, email)) return null;
      const present = user.email === null ? null : await users.byEmail(user.email);
      const logsIn = present?.id === id;
      const isSame = user.email !== null && isSameName(user.email, email);
      if (logsIn && !isSame) throw invalidFields({ field: "email", code: "email_needs_proof" });
      const refused = domainProblem(email);
      if (refused !== null) throw invalidFields({ field: "email", code: refused });
      if (!logsIn && (await users.isLoginNameTaken(email))) {
        throw invalidFields({ field: "email", code: "email_taken" });
      }
      await db.transaction(async (transaction) => {
        const before = await users.lockUnchanged(transaction, user);
        if (before === null) throw new AppError("token_expired");
        // Of two at once the later one counts, and never over one that was confirmed meanwhile.
        if (before.email !== user.email || before.email_verified !== user.email_verified) {
          throw invalidFields({ field: "email", code: "email_needs_proof" });
        }
        // Without a claim: it is no name to log in by yet.
        const changes = { email, email_verified: 0 } as const;
        if (isSame) return;
        const after = await writeChanges(transaction, before, changes, { now: clock.now(), claims: [] });
        await tellChange(events, transaction, before, after);
      });
      return { userId: id, email, credentialsVersion: user.credentials_version };
    },

    /**
     * The link was opened: from now on the address is the account's, and is told so. Again is no error. Error: `email_token_invalid` where the
     * account, or its address, is another by now, or somebody else has confirmed it.
     */
    async confirm(
      { userId, email, credentialsVersion }: PendingEmail,
      { language }: { readonly language: Language },
    ): Promise<void> {
      await db.transaction(async (transaction) => {
        const before = await users.lock(transaction, userId);
        if (before === null || before.is_active === 0) throw new AppError("email_token_invalid");
        if (isConfirmed(before, email)) return;
        const isPending = before.email !== null && isSameName(before.email, email);
        if (!isPending || before.credentials_version !== credentialsVersion)
          throw new AppError("email_token_invalid");
        const now = clock.now();
        const loggedIn = (await users.byEmail(email, transaction))?.id === userId;
        const how = { now, claims: ["email"], isErased: users.isErased } as const;
        const changed = writeChanges(transaction, before, { email_verified: 1 }, how);
        const after = await changed.catch((cause: unknown) => {
          const isTaken = cause instanceof AppError && cause.code === "invalid_fields";
          throw isTaken ? new AppError("email_token_invalid", { cause }) : cause;
        });
        if (loggedIn) await tellChange(events, transaction, before, after);
        else await tellFirstAddress(jobs, transaction, { after, language, now });
      });
    },
  };
}
