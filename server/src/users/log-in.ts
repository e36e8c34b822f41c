import type { FastifyBaseLogger as Log } from "fastify";
import type { Db } from "../database/database.ts";
import type { Asker } from "../devices/asker.ts";
import type { KeyValue } from "../kv/kv.ts";
import { createRateLimit } from "../kv/rate-limit.ts";
import type { Clock } from "../lib/clock.ts";
import { AppError } from "../lib/errors.ts";
import { deriveKey, subjectOf } from "../lib/keys.ts";
import { nameKey } from "../lib/name-key.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { findUserByLoginName, replaceHash, type User, updateLastLogin } from "./user-store.ts";

/**
 * Log-in by user name, e-mail address or mobile number. Promises: an unknown name, a wrong password and a
 * disabled account get the same answer after the same work (attack: learning which accounts exist; guard:
 * log-in.test.ts); one name bears a bounded number of consecutive failures an hour, counted before the
 * password is looked at (attack: parallel guessing; guard: login-limit.race.test.ts).
 */
export interface LogInDeps {
  readonly db: Db;
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Log;
  readonly passwords: Passwords;
  readonly secretKey: string;
  readonly loginFailureLimit: number;
  /** 0 = unlimited. */
  readonly loginFailureLimitPerClient: number;
}

export type LogIn = ReturnType<typeof createLogIn>;

export function createLogIn(deps: LogInDeps) {
  const { db, clock, passwords } = deps;
  const limit = createRateLimit(deps.kv);
  const subjectKey = deriveKey(deps.secretKey, "log-in limit");
  const perAccount = { name: "login", limit: deps.loginFailureLimit, windowSeconds: 3600 };
  const perClient = { name: "login-client", limit: deps.loginFailureLimitPerClient, windowSeconds: 3600 };

  /** Errors: `wrong_credentials`, `throttled`, `busy`. */
  async function logIn(name: string, password: string, { network }: Asker): Promise<User> {
    const client = subjectOf(subjectKey, network);
    // First, so that a client past its limit counts against nobody's account and fills no store.
    if (await limit.isFull(perClient, client)) {
      deps.log.warn({ client: network }, "log-in throttled: too many failures of one client");
      throw new AppError("throttled", { retryAfterSeconds: 60 });
    }
    // By the name as typed: one count for all names of an account would tell whose address is whose.
    const account = subjectOf(subjectKey, nameKey(name));
    await limit.count(perAccount, account).catch((error) => {
      const isFull = error instanceof AppError && error.code === "throttled";
      if (isFull) deps.log.warn({ client: network }, "log-in throttled: too many failures of one account");
      throw error;
    });
    const found = await findUserByLoginName(db, name);
    const user = await verified(found, password);
    // Never the name as typed: people type passwords and other people's addresses there.
    const event = { userId: found?.id ?? null, client: network };
    if (user === null) {
      deps.log.info(event, "log-in refused");
      // Of many tries at once those past the limit are told so here.
      await limit.count(perClient, client);
      throw new AppError("wrong_credentials");
    }
    // At once: on SQLite both share a commit.
    await Promise.all([limit.forget(perAccount, account), updateLastLogin(db, user.id, clock.now())]);
    deps.log.info(event, "logged in");
    return user;
  }

  async function verified(found: User | null, password: string): Promise<User | null> {
    if (found === null) {
      await passwords.verifyNobody(password);
      return null;
    }
    const trimmed = found.password_trimmed === 1;
    const { ok, needsRehash, matched } = await passwords.verify(password, found.password_hash, { trimmed });
    if (!ok || found.is_active === 0) return null;
    if (needsRehash && matched !== null) void rehash(found, matched);
    return found;
  }

  /** In the background of the answer: a newer hash of a password that was just proved right. */
  async function rehash(user: User, password: string): Promise<void> {
    try {
      await replaceHash(db, user.id, user.password_hash, await passwords.hash(password));
    } catch (error) {
      deps.log.warn(
        { err: error, userId: user.id },
        "could not renew a password hash; the next log-in tries again",
      );
    }
  }

  return { logIn };
}
