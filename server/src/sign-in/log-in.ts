import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError } from "../errors/errors.ts";
import type { Holder } from "../passwords/fair-waiting.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { createLogInLimits, type LogInLimitsDeps } from "./log-in-limits.ts";
import type { Proved } from "./proved.ts";
import type { RefusalReason, Refusals } from "./refusals.ts";

/**
 * Log-in by user name, e-mail address or mobile number. Promises: an unknown name, a wrong password and a
 * disabled account get the same answer after the same work (attack: learning which accounts exist; guard:
 * log-in.test.ts); how often anybody may try is counted before the password is looked at (log-in-limits.ts).
 */
export interface LogInDeps extends LogInLimitsDeps {
  readonly users: Users;
  readonly passwords: Passwords;
  readonly devices: KnownDevices;
  readonly refusals: Refusals;
}

/** Right, and not yet recorded: the door does that (complete.ts). */
export type ProvedByPassword = Required<Omit<Proved, "provider" | "binding" | "factor">>;

export type LogIn = ReturnType<typeof createLogIn>;

export function createLogIn(deps: LogInDeps) {
  const { users, passwords, devices } = deps;
  const limits = createLogInLimits(deps);
  const counts = { refused: 0, throttled: 0, unknown: 0 };

  /**
   * Whose account the password proves. Its `settle` forgets the wrong ones before it. Errors: `wrong_credentials`,
   * `throttled`, `busy`.
   */
  async function prove(name: string, password: string, asker: Asker): Promise<ProvedByPassword> {
    const found = await users.byLoginName(name);
    const device = await devices.find(found, asker);
    const credentialsVersion = found?.credentials_version ?? 0;
    /** For the operator; nothing of a name without an account. */
    const note = (reason: RefusalReason) => found && deps.refusals.note(found.id, reason, asker.network);
    const admission = await counted(limits.admit({ name, credentialsVersion, device, asker })).catch(
      (error) => {
        note("throttled");
        throw error;
      },
    );
    const account = device === null || found === null ? null : String(found.id);
    const user = await verified(found, password, { client: asker.network, account }).catch(async (error) => {
      await admission.unjudged();
      note("busy");
      throw error;
    });
    if (user === null) {
      counts.refused++;
      if (found === null) counts.unknown++;
      if (found !== null) note(reasonOf(found));
      // Never the name as typed: people type passwords and other people's addresses there.
      deps.log.info({ userId: found?.id ?? null, client: asker.network }, "log-in refused");
      await counted(admission.failed());
      throw new AppError("wrong_credentials");
    }
    return { account: user, how: "password", settle: () => admission.succeeded() };
  }

  function reasonOf(found: User): RefusalReason {
    if (found.is_active === 0) return "disabled";
    return passwords.isUsable(found.password_hash) ? "wrong_password" : "no_password";
  }

  /** With those that were told to wait noted for the metrics. */
  async function counted<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof AppError && error.code === "throttled") counts.throttled++;
      throw error;
    }
  }

  async function verified(found: User | null, password: string, holder: Holder): Promise<User | null> {
    // A disabled account is computed for as none is and its password not looked at: a right one would need no waiting
    // for the dearest hash (failure-floor.ts), and so tell by its time that it is right (guard: equal-failures.test.ts).
    if (found === null || found.is_active === 0) {
      await passwords.verifyNobody(password, holder);
      return null;
    }
    const trimmed = found.password_trimmed === 1;
    const { ok, needsRehash, matched } = await passwords.verify(password, found.password_hash, holder, {
      trimmed,
    });
    if (!ok) return null;
    if (needsRehash && matched !== null) void rehash(found, matched, holder);
    return found;
  }

  /** In the background of the answer: a newer hash of a password that was just proved right. */
  async function rehash(user: User, password: string, holder: Holder): Promise<void> {
    try {
      await users.renewHash(user, await passwords.hash(password, holder));
    } catch (error) {
      deps.log.warn(
        { err: error, userId: user.id },
        "could not renew a password hash; the next log-in tries again",
      );
    }
  }

  return {
    prove,
    /** For metrics: what was refused since the start. */
    stats: () => ({ ...counts }),
  };
}
