import type { NameGiver } from "../../accounts/new-user.ts";
import { securityNoticeJob } from "../../accounts/user-jobs.ts";
import type { NewUser, User } from "../../accounts/user-store.ts";
import { normalizeUsername } from "../../accounts/username.ts";
import type { Users } from "../../accounts/users.ts";
import type { Verifications } from "../../codes/verification.ts";
import type { Asker } from "../../devices/asker.ts";
import type { Db } from "../../engines/database/database.ts";
import type { Jobs } from "../../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { normalizeEmail } from "../../kernel/email-address.ts";
import { passwordProblem } from "../../passwords/password-policy.ts";
import type { Passwords } from "../../passwords/passwords.ts";
import type { LogIn } from "../../sign-in/log-in.ts";
import { knownProvider, titles } from "../flow/third-party-login.ts";
import type { Ticket, TicketContent, Tickets } from "../flow/ticket.ts";
import type { Providers } from "../providers/providers.ts";
import {
  type Binding,
  deleteBindings,
  findBinding,
  findBindingsOf,
  insertBinding,
  lockBindingsOf,
  makeAlias,
} from "./binding-store.ts";

/**
 * Which person at a provider belongs to which account: made, listed, removed. Promises: one person, one
 * account, by the table's primary key, however callers race; a ticket and a code are used up together with
 * their effect or not at all; nobody is bound to an existing account without its password or its token; the
 * last way to log in stays; the owner is told of every change by mail.
 *
 * Attacks, and the tests that guard against them (server/test/api/oauth-takeover.test.ts):
 * - a namesake at the provider takes an account over: "the same nickname as an existing user";
 * - an address that the provider never verified: "an unverified e-mail equal to an existing account's";
 * - a code read from an unlocked mailbox: "binding to an existing account needs its password".
 */
export interface BindingsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
  readonly logIn: LogIn;
  readonly providers: Providers;
  readonly tickets: Tickets;
}

export interface BindInput {
  readonly provider: string;
  readonly ticket: string;
  readonly email: string;
  readonly email_code: string;
  readonly password: string;
}

export interface RequestFacts {
  readonly language: "zh" | "en";
}

/** The caller as their token showed them when the request came. */
export type LoggedIn = Pick<User, "id" | "credentials_version">;

export type Bindings = ReturnType<typeof createBindings>;

export function createBindings(deps: BindingsDeps) {
  const { db, clock, jobs, users, passwords, verifications, providers, tickets } = deps;

  /**
   * Binds a first log-in to the account of an e-mail address, or makes that account. Errors: `ticket_invalid`,
   * `code_expired`, `code_wrong`, `wrong_password`, `identity_taken`, `throttled`, `busy`, `invalid_fields`.
   */
  async function bindByEmail(input: BindInput, facts: RequestFacts & { asker: Asker }): Promise<User> {
    const provider = knownProvider(providers, input.provider).name;
    const email = normalizeEmail(input.email);
    const ticket = await tickets.check(input.ticket, { provider, userId: null });
    const proof = await verifications.check("bindAccount", email, input.email_code, facts.asker);
    const owner = await users.byEmail(email);
    const found = owner && (await withPassword(owner, input.password, facts.asker));
    const passwordHash = found
      ? null
      : await verifications.orGiveBack(proof, () => newPassword(email, input.password, facts.asker));
    const user = await db.transaction(async (transaction) => {
      await verifications.consume(transaction, proof);
      await tickets.consume(transaction, ticket);
      const account =
        passwordHash === null
          ? await unchanged(transaction, found!)
          : await create(
              transaction,
              { username: email, email, password_hash: passwordHash, email_verified: 1 },
              // Nobody chose the name: it is the address.
              "operator",
            );
      await attach(transaction, ticket, account.id, facts.language);
      return account;
    });
    await verifications.forget(proof);
    await tickets.forget(ticket);
    return user;
  }

  /**
   * An account from the ticket alone: a chosen user name, no address, no password. Errors: `ticket_invalid`,
   * `identity_taken`, `invalid_fields` when the name is taken.
   */
  async function createAccount(
    input: { provider: string; ticket: string; username: string },
    facts: RequestFacts,
  ): Promise<User> {
    const provider = knownProvider(providers, input.provider).name;
    const username = normalizeUsername(input.username);
    const ticket = await tickets.check(input.ticket, { provider, userId: null });
    const user = await db.transaction(async (transaction) => {
      await tickets.consume(transaction, ticket);
      const account = { username, email: null, password_hash: passwords.unusable() };
      const created = await create(transaction, account, "person");
      await attach(transaction, ticket, created.id, facts.language);
      return created;
    });
    await tickets.forget(ticket);
    return user;
  }

  /** For a logged-in user. Doing it twice changes nothing. Errors: `ticket_invalid`, `identity_taken`. */
  async function addWithTicket(
    user: LoggedIn,
    input: { provider: string; ticket: string },
    facts: RequestFacts,
  ): Promise<Binding> {
    const provider = knownProvider(providers, input.provider).name;
    const ticket = await tickets.check(input.ticket, { provider, userId: user.id });
    const binding = await db.transaction(async (transaction) => {
      await stillLoggedIn(transaction, user);
      await tickets.consume(transaction, ticket);
      return attach(transaction, ticket, user.id, facts.language);
    });
    await tickets.forget(ticket);
    return binding;
  }

  /** As `addWithTicket`, for somebody just identified in a flow that this user began. */
  function addIdentified(user: LoggedIn, content: TicketContent, facts: RequestFacts): Promise<Binding> {
    return db.transaction(async (transaction) => {
      await stillLoggedIn(transaction, user);
      return attach(transaction, content, user.id, facts.language);
    });
  }

  /**
   * Asking the provider takes seconds, in which the owner may have ended the token (attack: a thief's binding
   * that outlives the reset; guard: oauth-takeover.test.ts).
   */
  async function stillLoggedIn(transaction: Db, user: LoggedIn): Promise<void> {
    if ((await users.lockUnchanged(transaction, user)) === null) throw new AppError("token_expired");
  }

  /** Each bound person once, oldest first; at providers that are not configured any more too. */
  async function list(userId: number): Promise<Binding[]> {
    return (await findBindingsOf(db, userId)).filter((binding) => binding.is_alias === 0);
  }

  /**
   * Ends every binding of the account at the provider: the path names no more than that, and whoever disconnects QQ
   * wants no QQ account to open theirs any longer. Also at one that is not configured any more, by the name it is
   * stored under. Errors: `not_found` when there is none, `last_way_to_log_in`.
   */
  async function remove(userId: number, name: string, facts: RequestFacts): Promise<void> {
    const provider = providers.find(name)?.name ?? name;
    await db.transaction(async (transaction) => {
      // The account first, as every change of its bindings: on PostgreSQL a bind that finds its row there and
      // then removed by this would otherwise answer that the person belongs to somebody else.
      const user = await users.lock(transaction, userId);
      const all = await lockBindingsOf(transaction, userId);
      const mine = all.filter((binding) => binding.provider === provider);
      if (mine.length === 0 || user === null) throw new AppError("not_found");
      // A provider without credentials logs nobody in, though it may again; so it neither counts as a way that is
      // left, nor is the only binding given up for being there.
      const hasOther = all.some((one) => one.provider !== provider && providers.find(one.provider)?.client);
      const hasPassword = passwords.isUsable(user.password_hash);
      // A verified address can always set a password.
      const hasAddress = user.email !== null && user.email_verified === 1;
      if (!hasOther && !hasPassword && !hasAddress) throw new AppError("last_way_to_log_in");
      await deleteBindings(transaction, userId, provider);
      for (const { nickname } of mine.filter((binding) => binding.is_alias === 0)) {
        await tell(transaction, userId, "binding_removed", provider, nickname, facts.language);
      }
    });
  }

  /** Writes the person's keys for the account; idempotent for the same account. Error: `identity_taken`. */
  async function attach(
    transaction: Db,
    content: TicketContent | Ticket,
    userId: number,
    language: "zh" | "en",
  ): Promise<Binding> {
    const { provider, keys, profile } = content;
    const created_at = clock.now();
    let isKnown = false;
    for (const [position, accountKey] of keys.entries()) {
      const isNew = await insertBinding(transaction, {
        provider,
        account_key: accountKey,
        user_id: userId,
        is_alias: position === 0 ? 0 : 1,
        nickname: profile.nickname,
        avatar: profile.avatar,
        created_at,
      });
      if (isNew) continue;
      // The holder, also one that committed while the insert waited for it.
      const holder = await findBinding(transaction, provider, accountKey);
      if (holder?.user_id !== userId) {
        throw new AppError("identity_taken", { parameters: titles(knownProvider(providers, provider)) });
      }
      isKnown = true;
      if (position > 0) await makeAlias(transaction, provider, accountKey);
    }
    if (!isKnown) await tell(transaction, userId, "binding_added", provider, profile.nickname, language);
    return (await findBinding(transaction, provider, keys[0]))!;
  }

  async function tell(
    transaction: Db,
    userId: number,
    kind: "binding_added" | "binding_removed",
    provider: string,
    nickname: string | null,
    language: "zh" | "en",
  ): Promise<void> {
    const title = providers.find(provider)?.title[language] ?? provider;
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      userId,
      kind,
      language,
      at: clock.now(),
      provider: title,
      ...(nickname !== null && { nickname }),
    });
  }

  /** Counted like any log-in, so that binding is no way around the limits of guessing. */
  async function withPassword(owner: User, password: string, asker: Asker): Promise<User> {
    try {
      return await deps.logIn.logIn(owner.email ?? owner.username, password, asker);
    } catch (error) {
      if (error instanceof AppError && error.code === "wrong_credentials") {
        throw new AppError("wrong_password", { cause: error });
      }
      throw error;
    }
  }

  async function newPassword(email: string, password: string, { network }: Asker): Promise<string> {
    // The address becomes the user name, whose column is shorter.
    if (email.length > 150)
      throw invalidFields({ field: "email", code: "too_long", parameters: { max: 150 } });
    const problem = passwordProblem(password, { username: email, email });
    if (problem) throw invalidFields(problem);
    return passwords.hash(password, { client: network, account: email });
  }

  /** The account as it was when its password was checked: not disabled or reset meanwhile. */
  async function unchanged(transaction: Db, checked: User): Promise<User> {
    const user = await users.lockUnchanged(transaction, checked);
    if (user === null) throw new AppError("wrong_password");
    return user;
  }

  async function create(transaction: Db, user: NewUser, giver: NameGiver): Promise<User> {
    const created = await users.create(transaction, user, giver);
    if (!("taken" in created)) return created;
    // Where the user name is the address, whoever holds it holds the address.
    const field = user.email === null ? "username" : "email";
    throw invalidFields({ field, code: `${field}_taken` });
  }

  return { bindByEmail, createAccount, addWithTicket, addIdentified, list, remove };
}
