import type { User } from "../accounts/record.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import { browserName } from "../devices/browser-name.ts";
import type { DeviceNotices } from "../devices/device-notices.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Db } from "../engines/database/database.ts";
import { refersToNothing } from "../engines/database/missing-row.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Events } from "../events/events.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { LostFactors } from "../factors/lost-factors.ts";
import type { SessionEvent } from "../hooks/hook-events.ts";
import type { RunHooks } from "../hooks/run-hooks.ts";
import type { Clock } from "../kernel/clock.ts";
import { readableEmail } from "../kernel/email-address.ts";
import type { Log } from "../kernel/log.ts";
import type { SessionCookies, Wish } from "../sessions/cookie-authenticator.ts";
import type { Refresh } from "../sessions/refresh.ts";
import type { Opening, SessionOfToken, Sessions } from "../sessions/sessions.ts";
import type { Tokens } from "../sessions/tokens.ts";
import type { BindFirstLogIn } from "./bind-first-log-in.ts";
import type { DeletionGate } from "./deletion-gate.ts";
import { ownWays, type Proved, type Way, ways } from "./proved.ts";
import type { Refusals } from "./refusals.ts";
import type { SecondFactorGate } from "./second-factor-gate.ts";

export interface Session {
  /** Empty where the session is in a cookie. */
  readonly token: string;
  /** Null unless it was asked for. */
  readonly refreshToken: string | null;
  /**
   * Set-Cookie values: one by which the browser is known to the account from now on, and the session's where that was
   * asked for.
   */
  readonly cookies: readonly string[];
  /** From when a log-in of the account can only set up a second factor, epoch milliseconds; told, and nothing more. */
  readonly secondFactorDue?: number | null;
}

/**
 * The one door: every way in ends here. A use case proves whose account it is and by which way; the door opens the
 * session. Promises: each log-in is recorded once, in the log, in the metrics and as the account's `last_login_at`,
 * whichever way it came; the log never has the name as it was typed, because people type passwords and other people's
 * addresses there (guard: ways-in.test.ts); nothing else issues a token (guard: tidy.test.ts). So what a later part
 * asks of a log-in (a second factor, a mail about a new device) is written here, and no way in can forget it.
 *
 * A log-in writes no audit entry: those tell who changed what, and it changes nothing. What a way in does change, it
 * tells the owner itself, in its own transaction (a new binding, a new password).
 */
export interface DoorDeps {
  readonly users: Users;
  readonly devices: KnownDevices;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly sessionCookies: SessionCookies;
  readonly refresh: Refresh;
  readonly runHooks: RunHooks;
  readonly gate: SecondFactorGate;
  readonly deletionGate: DeletionGate;
  readonly bindFirstLogIn: Pick<BindFirstLogIn, "bind">;
  readonly lostFactors: Pick<LostFactors, "cancel">;
  readonly refusals: Refusals;
  readonly deviceNotices: DeviceNotices;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly mailsNewDevices: boolean;
  readonly log: Log;
  readonly events: Pick<Events, "record">;
  readonly db: Db;
}

export type Door = ReturnType<typeof createDoor>;

export function createDoor(deps: DoorDeps) {
  const { users, devices, sessions, sessionCookies, refresh, tokens, runHooks, gate, log } = deps;
  const counts = Object.fromEntries(ways.map((way) => [way, 0])) as Record<Way, number>;

  async function record(
    { account, how, provider, settle }: Proved,
    asker: Asker,
    factor: GivenFactor | null = null,
  ): Promise<void> {
    // At once: on SQLite all share a commit.
    const data = { how, ...(provider !== undefined && { provider }) };
    await Promise.all([
      settle?.(),
      how === "basic" ? null : users.recordLogIn(account.id),
      how === "basic"
        ? null
        : deps.events.record(deps.db, { type: "user.logged_in", userId: account.id, data }),
    ]);
    counts[how]++;
    const by = { how, ...(provider !== undefined && { provider }), ...(factor !== null && { factor }) };
    log.info({ userId: account.id, client: asker.network, ...by }, "logged in");
  }

  /** What the site's own code says to it. A password that was right counts as such, whatever becomes of the session. */
  async function ask(proved: Proved, { network }: Asker): Promise<void> {
    const { account, how, provider = null, settle } = proved;
    try {
      await runHooks.beforeSession(eventOf(account, how, provider));
    } catch (error) {
      if (how === "password" || how === "basic") await settle?.();
      const isRefused = error instanceof AppError && error.code === "hook_refused";
      deps.refusals.note(account.id, isRefused ? "hook_refused" : "hook_failed", network);
      throw error;
    }
  }

  async function open(
    account: User,
    { way, provider = null, factor = null }: Entry,
    asker: Asker,
    wish: Wish,
  ): Promise<Session> {
    const lasts = wish.refresh === true;
    const wantsCookie = wish.cookie !== undefined;
    const opening: Opening = { way, provider, wantsRefresh: lasts, wantsCookie, factor };
    const claims = wantsCookie ? {} : await runHooks.claims(eventOf(account, way, provider));
    // Whoever gets as far has lost nothing.
    if (account.second_factor_at !== null) await deps.lostFactors.cancel(account, "log_in");
    const isExpected = ownWays.has(way) || (await devices.isKnown(account, asker));
    // At once: on SQLite both share a commit.
    const [cookie, session] = await Promise.all([
      devices.remember(account, asker),
      sessions.open(account, opening, asker),
    ]);
    await deps.deviceNotices.note(account.id, asker, async (transaction) => {
      if (isExpected) return;
      // Told to programs also where the owner's mail is switched off.
      await deps.events.record(transaction, { type: "user.new_device", userId: account.id });
      if (deps.mailsNewDevices) await tellOwner(transaction, account, session.id, asker);
    });
    if (wish.cookie !== undefined) {
      await sessionCookies.endPresent(wish.cookie.present);
      return { cookies: [cookie, sessionCookies.first(session, lasts)], token: "", refreshToken: null };
    }
    const token = await tokens.issueAccessToken(account, session, claims);
    return { cookies: [cookie], token, refreshToken: session.refreshToken };
  }

  /** Binds whom the log-in is to bind, records it, opens the session. */
  async function enter(
    proved: Proved,
    factor: GivenFactor | null,
    asker: Asker,
    wish: Wish,
  ): Promise<Session> {
    const { account, how, provider, binding } = proved;
    await deps.deletionGate.letPass(proved, factor, asker);
    if (binding !== undefined) await deps.bindFirstLogIn.bind(account, binding);
    await record(proved, asker, factor);
    const entry = { way: how, provider, factor };
    // Erased, or gone into another account, since it was proved (guard: joining.race.test.ts).
    const session = await open(account, entry, asker, wish).catch((error: unknown) => {
      throw refersToNothing(error) ? new AppError("account_gone", { cause: error }) : error;
    });
    if (!ownWays.has(how)) await endShown(wish.shown);
    return session;
  }

  /** What it names is replaced (ASVS 7.2.4). A bad token keeps nobody from a good one, and ends nothing. */
  async function endShown(authorization: string | undefined): Promise<void> {
    const token = /^(?:jwt|bearer) +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return;
    try {
      const { user, sid } = await tokens.inspect(token);
      if (sid !== null) await sessions.end(user.id, sid, "log_in");
    } catch (error) {
      const isNothing = error instanceof AppError && error.definition.status < 500;
      if (!isNothing) throw error;
    }
  }

  async function tellOwner(transaction: Db, { id }: User, session: string, asker: Asker): Promise<void> {
    await deps.jobs.enqueueWith(transaction, securityNoticeJob, {
      // Whoever logged in may not be the owner, so their language says nothing of the owner's.
      ...{ userId: id, kind: "new_device", language: "unknown", at: deps.clock.now(), session },
      ...{ device: await browserName(asker.userAgent), network: asker.network },
    });
  }

  return {
    /**
     * Logs in: records it, makes the device known, opens the session. Errors: those of the way's `settle`, of a binding
     * (bind-first-log-in.ts), of the site's hooks (`hook_refused`, `unavailable`), `second_factor_required`,
     * `second_factor_enrolment_required` and `deletion_pending`: then nothing is recorded, and nobody bound.
     */
    async complete(proved: Proved, asker: Asker, wish: Wish): Promise<Session> {
      await ask(proved, asker);
      const { factor, dueAt } = await gate.letPass(proved, asker);
      return { ...(await enter(proved, factor, asker, wish)), secondFactorDue: dueAt };
    },

    /** What `complete` held up, after the second factor or the owner's word; for second-step.ts and keep-account.ts. */
    goOn: (proved: Proved, factor: GivenFactor | null, asker: Asker, wish: Wish): Promise<Session> =>
      enter(proved, factor, asker, wish),

    /**
     * Goes on with a session whose tokens its owner has just ended, by a new password: with the account as it is then, and
     * with the second factor that was given in the session before. Nobody came in, so nothing is recorded.
     */
    async renew(account: User, asker: Asker, wish: Wish, before: string | null): Promise<Session> {
      const shown = before === null ? null : await sessions.proofIn(before, account.id);
      const factor = shown === null ? null : (shown.factor as GivenFactor | null);
      return open(account, { way: "new_password", factor }, asker, wish);
    },

    /**
     * Another access token of a session whose account has another name now, for services that go by the name in it.
     * Null where the caller has no session of ours, and where the site's hook says nothing: the name is changed all the
     * same, and the token at hand still good. Nobody came in, so nothing is recorded.
     */
    async renameIn(account: User, sessionId: string | null): Promise<string | null> {
      const session = sessionId === null ? null : await sessions.goOn(sessionId, account.id);
      if (session === null) return null;
      const event = eventOf(account, "refresh", null);
      const claims = await runHooks.claims(event).catch((error: unknown) => {
        log.warn({ err: error, userId: account.id }, "no token with the new user name");
        return null;
      });
      return claims === null ? null : tokens.issueAccessToken(account, session, claims);
    },

    /**
     * A token of a session in which somebody of the staff acts in the account's place; `open` writes the row. Nobody logged in: it is
     * no log-in of the account's, makes no device known and cancels nothing that a log-in would (guard: impersonation.test.ts). The
     * site's hooks are asked as for any session. Errors: those of `open`, `hook_refused`, `unavailable`.
     */
    async impersonate<Session extends SessionOfToken & { readonly account: User }>(
      account: User,
      impersonator: number,
      open: () => Promise<Session>,
    ): Promise<Session & { readonly token: string }> {
      const event = eventOf(account, "impersonation", null);
      await runHooks.beforeSession(event);
      const claims = await runHooks.claims(event);
      const session = await open();
      const token = await tokens.issueAccessToken(session.account, session, claims, impersonator);
      return { ...session, token };
    },

    /** Renews a session by its refresh token. Nobody came in, so nothing is recorded. Errors: those of `Refresh`, `unavailable`. */
    async refresh(
      token: string,
      asker: Asker,
      how: { readonly rotates?: boolean } = {},
    ): Promise<Omit<Session, "cookies"> & { account: User }> {
      const refreshed = await refresh.refresh(token, asker, how);
      const { account, refreshToken } = refreshed;
      const claims = await runHooks.claims(eventOf(account, "refresh", null));
      return { account, token: await tokens.issueAccessToken(account, refreshed, claims), refreshToken };
    },

    /**
     * Lets one request pass that proved its account by itself. Recorded, since a guesser who was right shows nowhere else;
     * but it is no log-in of the account's: `last_login_at` stays. It has no token, and no cookie, which its sender would not
     * keep.
     */
    async passOnce(proved: Proved, asker: Asker): Promise<User> {
      await ask(proved, asker);
      await gate.letPassOnce(proved, asker);
      deps.deletionGate.letPassOnce(proved.account);
      await record(proved, asker);
      await devices.remember(proved.account, asker, { givesCookie: false });
      return proved.account;
    },

    /** For metrics: log-ins by way since the start. */
    stats: (): Readonly<Record<Way, number>> => ({ ...counts }),
  };
}

/** How a session begins. */
interface Entry {
  readonly way: string;
  readonly provider?: string | null | undefined;
  readonly factor?: GivenFactor | null;
}

function eventOf(account: User, way: string, provider: string | null): SessionEvent {
  return {
    user_id: account.id,
    username: readableEmail(account.username),
    email: account.email === null ? null : readableEmail(account.email),
    is_staff: account.is_staff === 1,
    is_superuser: account.is_superuser === 1,
    ...{ way, provider },
  };
}
