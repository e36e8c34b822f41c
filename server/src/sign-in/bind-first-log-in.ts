import type { Consents } from "../accounts/consents.ts";
import { takeClaimedNumber } from "../accounts/proved-number.ts";
import type { User } from "../accounts/record.ts";
import type { StaleHolder, StaleNumbers } from "../accounts/stale-numbers.ts";
import { username as usernameField } from "../accounts/username.ts";
import type { Admission } from "../admission/admission.ts";
import type { SignUpChoices } from "../admission/sign-up-choices.ts";
import type { Proof } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Bindings, RequestFacts } from "../identities/bindings/bindings.ts";
import type { Tickets } from "../identities/flow/ticket.ts";
import { knownProvider } from "../identities/providers/known-provider.ts";
import type { Providers } from "../identities/providers/providers.ts";
import type { Clock } from "../kernel/clock.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { LogIn } from "./log-in.ts";
import type { HeldBinding, Proved } from "./proved.ts";
import { accountOf, type Contact, type ContactDeps, codesOf, ownerOf } from "./proved-contact.ts";

/**
 * What becomes of a first log-in through a provider: it is bound to an account that is there, or an account is made
 * of it. Promises: a ticket and a code are used up together with their effect or not at all; nobody is bound to an
 * existing account without its password (attack: a code read from an unlocked mailbox; guard: "binding to an existing
 * account needs its password" in oauth-takeover.test.ts), nor before its second factor (attack: with the password and the
 * mailbox, a third party of the thief's; guard: "binds nobody before the second factor" in oauth-takeover.test.ts).
 */
export interface BindFirstLogInDeps extends ContactDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly admission: Admission;
  readonly consents: Consents;
  readonly passwords: Passwords;
  readonly newPasswords: NewPasswords;
  readonly logIn: LogIn;
  readonly providers: Providers;
  readonly tickets: Tickets;
  readonly bindings: Bindings;
  readonly staleNumbers: Pick<StaleNumbers, "loserOf">;
  /** Of pages that can't ask whether the owner of a stale number has come back, or somebody else has it. */
  readonly tellsTakenNumbers: boolean;
  /** Whether who chose no user name is asked for one after the first log-in. */
  readonly usernameAskedLater: boolean;
}

export interface BindInput {
  readonly provider: string;
  readonly ticket: string;
  readonly contact: Contact;
  readonly code: string;
  readonly password: string;
  /** What the link of an invitation holds, where an account is to be made. */
  readonly invitation?: string | undefined;
  /** Of SIGN_UP_FIELDS, as they were sent, where an account is to be made. */
  readonly fields?: unknown;
  /** Whether the person ticked the box; who did not is asked later, and comes in all the same. */
  readonly acceptsTerms: boolean;
  /** Where an account is to be made. */
  readonly choices: SignUpChoices;
}

export type BindFirstLogIn = ReturnType<typeof createBindFirstLogIn>;

export function createBindFirstLogIn(deps: BindFirstLogInDeps) {
  const { db, users, admission, consents, passwords, providers, tickets, bindings } = deps;

  /**
   * Proves the account of an e-mail address or a proved number, which the door then binds the first log-in to, or makes that
   * account; also of a stale number, where its account has another password, and the pages can't ask whose it is. A code that is wrong uses up nothing, the ticket least of all. Errors:
   * `ticket_invalid`, `sms_off`, the channel's of a wrong and an expired code, `wrong_password`, `identity_taken`, `throttled`, `busy`,
   * `invalid_fields`, `sign_up_closed`, `sign_up_by_invitation`.
   */
  async function toContact(input: BindInput, facts: RequestFacts & { asker: Asker }): Promise<Proved> {
    const provider = knownProvider(providers, input.provider).name;
    const { contact } = input;
    const codes = codesOf(deps, contact);
    const ticket = await tickets.check(input.ticket, { provider, userId: null });
    const proof = await codes.check(purposeOf(contact), contact.to, input.code, facts.asker);
    const owner = await ownerOf(users, contact);
    const loser =
      contact.kind === "mobile" && deps.tellsTakenNumbers
        ? await deps.staleNumbers.loserOf(contact.to, facts.asker)
        : null;
    const account = owner === null ? null : await withPassword(input, facts.asker, loser);
    if (account !== null) {
      const { language } = facts;
      const binding = { ticket, proof, language, acceptsTerms: input.acceptsTerms };
      return { account, how: "binding", provider, binding };
    }
    const { admitted, hash } = await codes.orGiveBack(proof, async () => {
      const email = contact.kind === "email" ? contact.to : null;
      const { invitation, fields, choices } = input;
      const applicant = { email, invitation, fields, choices };
      const admitted = await admission.check(applicant);
      await admission.ask(applicant, admitted, { provider });
      return { admitted, hash: await newPassword(contact, input.password, facts.asker) };
    });
    const made = await db.transaction(async (transaction) => {
      await codes.consume(transaction, proof);
      await tickets.consume(transaction, ticket);
      const now = deps.clock.now();
      if (contact.kind === "mobile") {
        await takeClaimedNumber(transaction, contact.to, {
          ...{ userId: null, users, jobs: deps.jobs, now, loser },
        });
      }
      const user = {
        ...{ username: contact.to, ...accountOf(contact, now), password_hash: hash },
        username_due: deps.usernameAskedLater ? (1 as const) : (0 as const),
      };
      // Nobody chose the name: it is the address, or the number.
      const created = await admission.add(transaction, admitted, user, "operator");
      await bindings.attach(transaction, ticket, created.id, { language: facts.language });
      if (input.acceptsTerms) await consents.recordAll(transaction, created, "user.consent-at-sign-up");
      return created;
    });
    await codes.forget(proof);
    await tickets.forget(ticket);
    return { account: made, how: "provider_sign_up", provider };
  }

  /**
   * Binds whom `toContact` proved to an account that was there; the door calls it where nothing holds the log-in up any
   * more. Errors: `ticket_invalid`, `code_expired`, `identity_taken`, `wrong_password` where the account changed since.
   */
  async function bind(account: User, { ticket, proof, language, acceptsTerms }: HeldBinding): Promise<void> {
    const codes = codesOf(deps, { kind: kindOf(proof) });
    await db.transaction(async (transaction) => {
      await codes.consume(transaction, proof);
      await tickets.consume(transaction, ticket);
      const locked = await unchanged(transaction, account);
      const { id } = locked;
      await bindings.attach(transaction, ticket, id, { language });
      if (kindOf(proof) === "mobile") await users.recordNumberProved(transaction, id);
      if (acceptsTerms) await consents.recordAll(transaction, locked, "user.consent");
    });
    await codes.forget(proof);
    await tickets.forget(ticket);
  }

  /**
   * An account from the ticket alone: a chosen user name, no address, no password. Errors: `ticket_invalid`,
   * `identity_taken`, `invalid_fields` when the name is taken, `sign_up_closed`,
   * `sign_up_by_invitation`.
   */
  async function toNewAccount(
    input: Pick<BindInput, "provider" | "ticket" | "invitation" | "fields" | "acceptsTerms" | "choices"> & {
      readonly username: string;
    },
    facts: RequestFacts,
  ): Promise<Proved> {
    const provider = knownProvider(providers, input.provider).name;
    const ticket = await tickets.check(input.ticket, { provider, userId: null });
    const { invitation, fields, choices } = input;
    const applicant = { email: null, invitation, fields, choices };
    const admitted = await admission.check(applicant);
    await admission.ask(applicant, admitted, { username: input.username, provider });
    const account = await db.transaction(async (transaction) => {
      await tickets.consume(transaction, ticket);
      const nobody = { username: input.username, email: null, password_hash: passwords.unusable() };
      const created = await admission.add(transaction, admitted, nobody, "person");
      await bindings.attach(transaction, ticket, created.id, { language: facts.language });
      if (input.acceptsTerms) await consents.recordAll(transaction, created, "user.consent-at-sign-up");
      return created;
    });
    await tickets.forget(ticket);
    return { account, how: "provider_sign_up", provider };
  }

  /**
   * Counted like any log-in, so that binding is no way around the limits of guessing. Null where the password is wrong, and the
   * account may lose its number to the asker. Error: `wrong_password` where it keeps it.
   */
  async function withPassword(
    { contact, password }: Pick<BindInput, "contact" | "password">,
    asker: Asker,
    loser: StaleHolder | null,
  ): Promise<User | null> {
    try {
      const { account, settle } = await deps.logIn.prove(contact.to, password, asker);
      // The password was right, whatever becomes of the ticket.
      await settle();
      return account;
    } catch (error) {
      if (error instanceof AppError && error.code === "wrong_credentials") {
        if (loser !== null) return null;
        throw new AppError("wrong_password", { cause: error });
      }
      throw error;
    }
  }

  async function newPassword({ kind, to }: Contact, password: string, { network }: Asker): Promise<string> {
    // The address becomes the user name, whose column is shorter.
    const max = usernameField.longest;
    if (to.length > max) throw invalidFields({ field: "email", code: "too_long", parameters: { max } });
    const problem = await deps.newPasswords.problem(password, {
      ...{ username: to, ...(kind === "email" ? { email: to } : {}) },
    });
    if (problem) throw invalidFields(problem);
    return deps.newPasswords.hash(password, { client: network, account: to });
  }

  /** The account as it was when its password was checked: not disabled or reset meanwhile. */
  async function unchanged(transaction: Db, checked: User): Promise<User> {
    const user = await users.lockUnchanged(transaction, checked);
    if (user === null) throw new AppError("wrong_password");
    return user;
  }

  return { toContact, toNewAccount, bind };
}

/** By SMS sign-up and binding share one, as the classic pages ask for it. */
const purposeOf = ({ kind }: Contact) => (kind === "email" ? "bindAccount" : "register");

/** A pending step carries the proof alone. */
const kindOf = ({ purpose }: Proof) => (purpose === "bindAccount" ? "email" : "mobile");
