import type { NameGiver } from "../accounts/account-field.ts";
import { email as emailField } from "../accounts/email.ts";
import type { NewUser, User } from "../accounts/record.ts";
import { username as usernameField } from "../accounts/username.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Bindings, RequestFacts } from "../identities/bindings/bindings.ts";
import type { Tickets } from "../identities/flow/ticket.ts";
import { knownProvider } from "../identities/providers/known-provider.ts";
import type { Providers } from "../identities/providers/providers.ts";
import { passwordProblem } from "../passwords/password-policy.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Proved } from "./complete.ts";
import type { LogIn } from "./log-in.ts";

/**
 * What becomes of a first log-in through a provider: it is bound to an account that is there, or an account is made
 * of it. Promises: a ticket and a code are used up together with their effect or not at all; nobody is bound to an
 * existing account without its password (attack: a code read from an unlocked mailbox; guard: "binding to an existing
 * account needs its password" in oauth-takeover.test.ts).
 */
export interface BindFirstLogInDeps {
  readonly db: Db;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly verifications: Verifications;
  readonly logIn: LogIn;
  readonly providers: Providers;
  readonly tickets: Tickets;
  readonly bindings: Bindings;
}

export interface BindInput {
  readonly provider: string;
  readonly ticket: string;
  readonly email: string;
  readonly email_code: string;
  readonly password: string;
}

export type BindFirstLogIn = ReturnType<typeof createBindFirstLogIn>;

export function createBindFirstLogIn(deps: BindFirstLogInDeps) {
  const { db, users, passwords, verifications, providers, tickets, bindings } = deps;

  /**
   * Binds a first log-in to the account of an e-mail address, or makes that account. Errors: `ticket_invalid`,
   * `code_expired`, `code_wrong`, `wrong_password`, `identity_taken`, `throttled`, `busy`, `invalid_fields`.
   */
  async function toAddress(input: BindInput, facts: RequestFacts & { asker: Asker }): Promise<Proved> {
    const provider = knownProvider(providers, input.provider).name;
    const email = emailField.normalize(input.email);
    const ticket = await tickets.check(input.ticket, { provider, userId: null });
    const proof = await verifications.check("bindAccount", email, input.email_code, facts.asker);
    const owner = await users.byEmail(email);
    const found = owner && (await withPassword(owner, input.password, facts.asker));
    const passwordHash = found
      ? null
      : await verifications.orGiveBack(proof, () => newPassword(email, input.password, facts.asker));
    const account = await db.transaction(async (transaction) => {
      await verifications.consume(transaction, proof);
      await tickets.consume(transaction, ticket);
      const owned =
        passwordHash === null
          ? await unchanged(transaction, found!)
          : await add(
              transaction,
              { username: email, email, password_hash: passwordHash, email_verified: 1 },
              // Nobody chose the name: it is the address.
              "operator",
            );
      await bindings.attach(transaction, ticket, owned.id, facts.language);
      return owned;
    });
    await verifications.forget(proof);
    await tickets.forget(ticket);
    return { account, how: found ? "binding" : "provider_sign_up", provider };
  }

  /**
   * An account from the ticket alone: a chosen user name, no address, no password. Errors: `ticket_invalid`,
   * `identity_taken`, `invalid_fields` when the name is taken.
   */
  async function toNewAccount(
    input: { provider: string; ticket: string; username: string },
    facts: RequestFacts,
  ): Promise<Proved> {
    const provider = knownProvider(providers, input.provider).name;
    const username = usernameField.normalize(input.username);
    const ticket = await tickets.check(input.ticket, { provider, userId: null });
    const account = await db.transaction(async (transaction) => {
      await tickets.consume(transaction, ticket);
      const nobody = { username, email: null, password_hash: passwords.unusable() };
      const created = await add(transaction, nobody, "person");
      await bindings.attach(transaction, ticket, created.id, facts.language);
      return created;
    });
    await tickets.forget(ticket);
    return { account, how: "provider_sign_up", provider };
  }

  /** Counted like any log-in, so that binding is no way around the limits of guessing. */
  async function withPassword(owner: User, password: string, asker: Asker): Promise<User> {
    try {
      const { account, settle } = await deps.logIn.prove(owner.email ?? owner.username, password, asker);
      // The password was right, whatever becomes of the ticket.
      await settle();
      return account;
    } catch (error) {
      if (error instanceof AppError && error.code === "wrong_credentials") {
        throw new AppError("wrong_password", { cause: error });
      }
      throw error;
    }
  }

  async function newPassword(email: string, password: string, { network }: Asker): Promise<string> {
    // The address becomes the user name, whose column is shorter.
    const max = usernameField.longest;
    if (email.length > max) throw invalidFields({ field: "email", code: "too_long", parameters: { max } });
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

  async function add(transaction: Db, user: NewUser, giver: NameGiver): Promise<User> {
    const created = await users.add(transaction, user, giver);
    if (!("taken" in created)) return created;
    // Where the user name is the address, whoever holds it holds the address.
    const field = user.email === null ? "username" : "email";
    throw invalidFields({ field, code: `${field}_taken` });
  }

  return { toAddress, toNewAccount };
}
