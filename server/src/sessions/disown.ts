import { putBackReplaced } from "../accounts/address-changes.ts";
import type { ForgetUnproved } from "../accounts/forget-unproved.ts";
import type { User } from "../accounts/record.ts";
import { endTokens } from "../accounts/user-change.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Language } from "../words/language.ts";
import type { DisownTokens } from "./disown-token.ts";

/**
 * "This wasn't me", from a mail about a log-in or a change of the account. Promises: every session and token of the account
 * ends, whoever has them; an address or a number that was replaced since is put back; a second factor that was switched on
 * since is off again (attack: a thief's own, which keeps the owner out), and one from before stays; third parties bound since
 * go, and those that a log-in alone added also from before it, or the thief comes in by them again; a deletion that was asked for since is cancelled, and
 * every archive of the account's data is removed (attack: a thief who carries off or destroys what the account is); the owner is sent a code for a new password, because somebody may know the present one; the audit log keeps it. A disabled account stays disabled.
 * Whoever reads the owner's mail could do the same for the seven days of the link. Guards: new-device.test.ts,
 * disowned-factor.test.ts, disowned-rights.test.ts.
 */
/** What people's rights (rights/, which is above) undo in the caller's transaction; `user` as it was before its tokens ended. */
export type UndoRights = (transaction: Db, user: User, since: number) => Promise<void>;

export interface DisownDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly users: Users;
  readonly verifications: Verifications;
  readonly disownTokens: DisownTokens;
  readonly secondFactors: Pick<SecondFactors, "undoSince">;
  readonly forgetUnproved: ForgetUnproved;
  readonly undoRights: UndoRights;
}

const facts = ({ username, email, mobile, second_factor_at }: User) => ({
  ...{ username, email, mobile, second_factor_at },
});

export type Disown = ReturnType<typeof createDisown>;

export function createDisown(deps: DisownDeps) {
  const { db, clock, log, audit, users, verifications, disownTokens } = deps;

  /** Whether a code could be mailed; it can be asked for again on the page for it. */
  async function mailCode(userId: number, language: Language, asker: Asker): Promise<boolean> {
    const user = await users.byId(userId);
    const owner = user?.email == null ? null : await users.byEmail(user.email);
    // A shared address is nobody's until it is confirmed.
    if (user?.email == null || owner?.id !== userId) return false;
    try {
      const mail = { to: user.email, purpose: "resetpwd", isForOwner: true, account: userId } as const;
      await verifications.request({ ...mail, language, asker });
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // What matters has happened: the sessions have ended.
      log.warn({ err: error, userId }, "no code could be mailed after a log-in was disowned");
      return false;
    }
  }

  return {
    /** Ends everything, and mails a code. Error: `link_invalid`. */
    async disown(
      token: string,
      { language, asker }: { readonly language: Language; readonly asker: Asker },
    ): Promise<{ readonly mailed: boolean }> {
      const disowned = disownTokens.read(token, clock.now());
      const user = disowned === null ? null : await users.byId(disowned.userId);
      if (disowned === null || user === null) throw new AppError("link_invalid");
      await db.transaction(async (transaction) => {
        const locked = await users.lock(transaction, user.id);
        if (locked === null) throw new AppError("link_invalid");
        const { version } = await endTokens(transaction, clock, user.id);
        const restored = await putBackReplaced(transaction, locked, { from: disowned.at, now: clock.now() });
        await deps.forgetUnproved(transaction, user.id, { language, since: disowned.at });
        await deps.undoRights(transaction, locked, disowned.at);
        const second_factor_at = await deps.secondFactors.undoSince(transaction, locked, disowned.at);
        await audit.record(
          transaction,
          { id: user.id, name: user.username, requestId: null },
          {
            ...{ action: "session.disowned", targetKind: "user", targetId: user.id, target: user.username },
            before: {
              ...facts(locked),
              session: disowned.sessionId,
              credentials_version: user.credentials_version,
            },
            after: { ...facts(restored), second_factor_at, session: null, credentials_version: version },
          },
        );
      });
      return { mailed: user.is_active === 1 && (await mailCode(user.id, language, asker)) };
    },
  };
}
