import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { Log } from "../kernel/log.ts";
import type { Tokens } from "../sessions/tokens.ts";

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
const ways = ["password", "sign_up", "provider", "binding", "provider_sign_up", "basic"] as const;

/**
 * - `password`: by a log-in name and its password;
 * - `sign_up`: with the account just made, by a code sent to its address;
 * - `provider`: by a third party that the account is bound to;
 * - `binding`: a first log-in by a third party, bound to an account by its password;
 * - `provider_sign_up`: a first log-in by a third party that an account was made of;
 * - `basic`: a request that brought the password in its header, and opened no session.
 */
export type Way = (typeof ways)[number];

/** What a way in hands over: whose account it proved. */
export interface Proved {
  /** As it is now: its credentials version goes into the token. */
  readonly account: User;
  readonly how: Way;
  /** The third party's name, for the log. */
  readonly provider?: string;
  /** What the way itself writes once somebody is in; on SQLite in the commit of the record. */
  readonly settle?: () => Promise<void>;
}

export interface Session {
  readonly token: string;
  /** A Set-Cookie value, by which the browser is known to the account from now on. */
  readonly cookie: string;
}

export interface DoorDeps {
  readonly users: Users;
  readonly devices: KnownDevices;
  readonly tokens: Tokens;
  readonly log: Log;
}

export type Door = ReturnType<typeof createDoor>;

export function createDoor({ users, devices, tokens, log }: DoorDeps) {
  const counts = Object.fromEntries(ways.map((way) => [way, 0])) as Record<Way, number>;

  async function record({ account, how, provider, settle }: Proved, asker: Asker): Promise<void> {
    // At once: on SQLite both share a commit.
    await Promise.all([settle?.(), users.recordLogIn(account.id)]);
    counts[how]++;
    const by = provider === undefined ? { how } : { how, provider };
    log.info({ userId: account.id, client: asker.network, ...by }, "logged in");
  }

  async function open(account: User, asker: Asker): Promise<Session> {
    return { cookie: await devices.remember(account, asker), token: await tokens.issueAccessToken(account) };
  }

  return {
    /** Logs in: records it, makes the device known, opens the session. Errors: those of the way's `settle`. */
    async complete(proved: Proved, asker: Asker): Promise<Session> {
      await record(proved, asker);
      return open(proved.account, asker);
    },

    /**
     * Goes on with a session whose tokens its owner has just ended, by a new password: with the account as it is then.
     * Nobody came in, so nothing is recorded.
     */
    renew: (account: User, asker: Asker): Promise<Session> => open(account, asker),

    /**
     * Lets one request pass that proved its account by itself. Recorded as a log-in, since a guesser who was right shows
     * nowhere else; it has no token, and no cookie, which its sender would not keep.
     */
    async passOnce(proved: Proved, asker: Asker): Promise<User> {
      await record(proved, asker);
      await devices.remember(proved.account, asker, { givesCookie: false });
      return proved.account;
    },

    /** For metrics: log-ins by way since the start. */
    stats: (): Readonly<Record<Way, number>> => ({ ...counts }),
  };
}
