import type { ChangeEvents } from "../../accounts/change-events.ts";
import type { User } from "../../accounts/record.ts";
import { securityNoticeJob } from "../../accounts/user-jobs.ts";
import type { Users } from "../../accounts/users.ts";
import type { Db } from "../../engines/database/database.ts";
import type { Jobs } from "../../engines/jobs/jobs.ts";
import { AppError } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Passwords } from "../../passwords/passwords.ts";
import { closestOf, type Language } from "../../words/language.ts";
import type { Ticket, TicketContent, Tickets } from "../flow/ticket.ts";
import { knownProvider, titles } from "../providers/known-provider.ts";
import type { Identity } from "../providers/provider.ts";
import type { Providers } from "../providers/providers.ts";
import {
  type Binding,
  deleteBindings,
  deleteUnproved,
  findBinding,
  findBindingsOf,
  insertBinding,
  lockBindingsOf,
  makeAlias,
  recordBindingLogIn,
  unprovedOf,
  writeGrant,
} from "./binding-store.ts";
import type { Grants } from "./grants.ts";
import { renewProviderFace } from "./join-bindings.ts";

/**
 * Which person at a provider belongs to which account: made, listed, removed. Promises: one person, one
 * account, by the table's primary key, however callers race; a ticket is used up together with its effect
 * or not at all; the last way to log in stays; the owner is notified of every change by mail.
 *
 * What a log-in alone added, without a proof of its owner's, goes with every new password and with "this wasn't me" (ASVS 7.5.1;
 * guard: unproved-bindings.test.ts).
 *
 * Attacks, and the tests that guard against them (server/test/api/oauth-takeover.test.ts):
 * - a namesake at the provider takes an account over: "the same nickname as an existing user";
 * - an address that the provider never verified: "an unverified e-mail equal to an existing account's".
 * What proves the account of a first log-in: sign-in/bind-first-log-in.ts.
 */
export interface BindingsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly events: ChangeEvents;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly providers: Providers;
  readonly tickets: Tickets;
  /** What came with a binding is taken back at its third party when the binding goes. */
  readonly grants: Pick<Grants, "revokeLater">;
}

export interface RequestFacts {
  readonly language: Language;
}

export interface AddFacts extends RequestFacts {
  /** False where a log-in alone is what adds it; then a new password removes it. */
  readonly isProved?: boolean;
}

/** The caller as their token showed them when the request came. */
export type LoggedIn = Pick<User, "id" | "credentials_version">;

export type Bindings = ReturnType<typeof createBindings>;

export function createBindings(deps: BindingsDeps) {
  const { db, clock, jobs, users, passwords, providers, tickets } = deps;

  /** By whichever of the person's keys there is one, the best first: never by a nickname or an address. */
  async function find(provider: string, keys: Identity["keys"]): Promise<Binding | null> {
    for (const accountKey of keys) {
      const binding = await findBinding(db, provider, accountKey);
      if (binding) return binding;
    }
    return null;
  }

  /** When the person came last, at the binding that `find` gave, which gets the best of their keys first. */
  async function recordLogIn(
    binding: Binding,
    [best]: Identity["keys"],
    grant: string | null,
  ): Promise<void> {
    if (binding.account_key !== best) await upgrade(binding, best);
    await recordBindingLogIn(db, binding.provider, best, clock.now());
    if (grant !== null) await writeGrant(db, binding.provider, best, grant);
    const { user_id, nickname, avatar } = binding;
    if (nickname === null && avatar === null) return;
    // Bound by a program from before accounts had a face.
    const user = await users.byId(user_id);
    if (user?.provider_nickname !== null || user.provider_avatar !== null) return;
    await db.transaction(async (transaction) => {
      if ((await users.lock(transaction, user_id)) === null) return;
      await renewFace(transaction, user_id);
      await deps.events.record(transaction, { type: "user.updated", userId: user_id });
    });
  }

  const renewFace = (transaction: Db, userId: number) => renewProviderFace(users, transaction, userId);

  /**
   * The unionid has been granted since the binding was made: it becomes the key, and the openid stays as an
   * alias, so that the binding survives the permission's being withdrawn again.
   *
   * `seen` was read without a lock. The owner may have removed it since, and a copy of it would bring it back
   * (guard: oauth-bind.race.test.ts), so it is read anew under the account's lock, as removals take it.
   */
  async function upgrade(seen: Binding, best: string): Promise<void> {
    const { provider, account_key: old, user_id } = seen;
    await db.transaction(async (transaction) => {
      if ((await users.lock(transaction, user_id)) === null) return;
      const present = await findBinding(transaction, provider, old);
      if (present?.user_id !== user_id) return;
      // Another log-in of the same person may have been faster; then it is done already.
      if (await insertBinding(transaction, { ...present, account_key: best, is_alias: 0 })) {
        await makeAlias(transaction, provider, old);
      }
    });
  }

  /** For a logged-in user. Doing it twice changes nothing. Errors: `ticket_invalid`, `identity_taken`. */
  async function addWithTicket(
    user: LoggedIn,
    input: { provider: string; ticket: string },
    facts: AddFacts,
  ): Promise<Binding> {
    const provider = knownProvider(providers, input.provider).name;
    const ticket = await tickets.check(input.ticket, { provider, userId: user.id });
    const binding = await db.transaction(async (transaction) => {
      await stillLoggedIn(transaction, user);
      await tickets.consume(transaction, ticket);
      return attach(transaction, ticket, user.id, facts);
    });
    await tickets.forget(ticket);
    return binding;
  }

  /** As `addWithTicket`, for somebody just identified in a flow that this user began. */
  function addIdentified(user: LoggedIn, content: TicketContent, facts: AddFacts): Promise<Binding> {
    return db.transaction(async (transaction) => {
      await stillLoggedIn(transaction, user);
      return attach(transaction, content, user.id, facts);
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
  async function list(userId: number, from: Db = db): Promise<Binding[]> {
    return (await findBindingsOf(from, userId)).filter((binding) => binding.is_alias === 0);
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
      await deps.grants.revokeLater(transaction, userId, (binding) => binding.provider === provider);
      await deleteBindings(transaction, userId, provider);
      await renewFace(transaction, userId);
      for (const { nickname } of mine.filter((binding) => binding.is_alias === 0)) {
        await tell(transaction, userId, "binding_removed", provider, nickname, facts.language);
      }
    });
  }

  /** Removes what a log-in alone added, in the transaction of a new password or of "this wasn't me" (of that, all from `since` on, too), and tells the owner. */
  async function removeUnproved(
    transaction: Db,
    userId: number,
    { language, since }: RequestFacts & { readonly since?: number },
  ): Promise<void> {
    const going = await unprovedOf(transaction, userId, since);
    if (going.length === 0) return;
    const isGoing = (one: Pick<Binding, "provider" | "account_key">) =>
      going.some(({ provider, account_key: key }) => provider === one.provider && key === one.account_key);
    await deps.grants.revokeLater(transaction, userId, isGoing);
    const removed = await deleteUnproved(transaction, userId, since);
    await renewFace(transaction, userId);
    for (const { provider, nickname } of removed.filter(({ is_alias }) => is_alias === 0)) {
      await tell(transaction, userId, "binding_removed", provider, nickname, language);
    }
  }

  /**
   * Writes the person's keys for the account, in the transaction of what proved the account; idempotent for the same
   * account. Error: `identity_taken`.
   */
  async function attach(
    transaction: Db,
    content: TicketContent | Ticket,
    userId: number,
    { language, isProved = true }: AddFacts,
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
        unproved: isProved ? 0 : 1,
        moved_at: null,
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
    if (content.grant != null) await writeGrant(transaction, provider, keys[0], content.grant);
    await renewFace(transaction, userId);
    if (!isKnown) await tell(transaction, userId, "binding_added", provider, profile.nickname, language);
    return (await findBinding(transaction, provider, keys[0]))!;
  }

  async function tell(
    transaction: Db,
    userId: number,
    kind: "binding_added" | "binding_removed",
    provider: string,
    nickname: string | null,
    language: Language,
  ): Promise<void> {
    const known = providers.find(provider);
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      userId,
      kind,
      language,
      at: clock.now(),
      provider: known === null ? provider : closestOf(language, known.title),
      ...(nickname !== null && { nickname }),
    });
  }

  return { find, recordLogIn, attach, addWithTicket, addIdentified, list, remove, removeUnproved };
}
