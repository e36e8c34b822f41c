import { isSameName, type NameGiver } from "../accounts/account-field.ts";
import type { AgeDeclaration, AgeDeclarations } from "../accounts/age-declarations.ts";
import type { ConsentChoices } from "../accounts/consent-choices.ts";
import type { ExtraValues } from "../accounts/extra-field.ts";
import type { ExtraFields } from "../accounts/extra-fields.ts";
import type { NewUser, User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, type FieldProblem, invalidFields } from "../errors/errors.ts";
import type { RunHooks } from "../hooks/run-hooks.ts";
import type { Clock } from "../kernel/clock.ts";
import { readableEmail } from "../kernel/email-address.ts";
import type { EmailDomainProblem } from "./email-domains.ts";
import type { Invitation } from "./invitation.ts";
import type { Invitations } from "./invitations.ts";
import type { SignUpKey, SignUpMode } from "./settings.ts";
import type { SignUpChoices } from "./sign-up-choices.ts";

/**
 * Who may make an account of their own: the one rule of every door through which people come, by password or by a third
 * party (guards: admission.test.ts; tidy.test.ts, by which no way in adds an account itself). What staff, commands and an
 * embedding program make is their own decision: SIGN_UP and the lists of domains don't bind it.
 */
export interface AdmissionDeps {
  readonly users: Users;
  readonly signUpMode: SignUpMode;
  readonly signUpBy: readonly SignUpKey[];
  readonly domainProblem: EmailDomainProblem;
  readonly invitations: Pick<Invitations, "find" | "use">;
  readonly runHooks: Pick<RunHooks, "beforeSignUp">;
  readonly extraFields: ExtraFields;
  readonly ageDeclarations: AgeDeclarations;
  readonly consentChoices: Pick<ConsentChoices, "record">;
  readonly clock: Clock;
}

/** Who asks to get in. */
export interface Applicant {
  /** As accounts/email.ts stores it; null for one without. */
  readonly email: string | null;
  /** What the link of an invitation holds, where the applicant brings one. */
  readonly invitation?: string | undefined;
  /** Of SIGN_UP_FIELDS, as they were sent. */
  readonly fields?: unknown;
  readonly choices?: SignUpChoices | undefined;
}

/** What else the site's own code is told of an applicant. */
export interface Asked {
  readonly username?: string | undefined;
  readonly provider?: string;
}

/** An applicant who was checked. */
export interface Admitted {
  readonly invitation: Invitation | null;
  readonly fields: ExtraValues;
  readonly age: AgeDeclaration | null;
  readonly wantsMarketing: boolean;
}

export type Admission = ReturnType<typeof createAdmission>;

export function createAdmission(deps: AdmissionDeps) {
  const { users, signUpMode, domainProblem, invitations, runHooks, extraFields, ageDeclarations } = deps;

  /** `key`: what the applicant proves, where that is no third party. Error: `sign_up_closed`, also for a key that is not taken. */
  function expectOpen(key?: SignUpKey): void {
    const isTaken = key === undefined || deps.signUpBy.includes(key);
    if (signUpMode === "closed" || !isTaken) throw new AppError("sign_up_closed");
  }

  function problemsOf({ email, fields, choices = {} }: Applicant): FieldProblem[] {
    const code = email === null ? null : domainProblem(email);
    const { problems } = extraFields.read(fields, "user", true);
    const ofAge = ageDeclarations.problemsOf(choices);
    return [...(code === null ? [] : [{ field: "email", code }]), ...problems, ...ofAge];
  }

  function toldOf(values: ExtraValues): ExtraValues {
    const told = extraFields.declared.filter(({ read }) => read.includes("services"));
    return Object.fromEntries(told.map(({ name }) => [name, values[name] ?? null]));
  }

  return {
    expectOpen,

    /** Whether somebody may sign up by proving it. */
    isOpenBy: (key: SignUpKey): boolean => signUpMode !== "closed" && deps.signUpBy.includes(key),

    /** What is wrong with the applicant's fields by the site's own rules. */
    problemsOf,

    /**
     * Whether a code that makes an address an account's may be mailed to it. Errors: `sign_up_closed`, `invalid_fields`. A
     * `bindAccount` code may be for an account that is there, whatever its domain.
     */
    mayAskForCode(
      purpose: "register" | "resetpwd" | "bindAccount" | "changeEmail" | "signIn",
      email: string,
    ): void {
      if (purpose === "register") expectOpen("email");
      const code = purpose === "register" ? domainProblem(email) : null;
      if (code !== null) throw invalidFields({ field: "email", code });
    },

    /**
     * Before anything is used up or hashed. Errors: `sign_up_closed`, `sign_up_by_invitation` where one is needed and none
     * came, `invalid_fields`.
     */
    async check(applicant: Applicant): Promise<Admitted> {
      expectOpen();
      const problems = problemsOf(applicant);
      if (problems.length > 0) throw invalidFields(...problems);
      const { email, invitation: token, choices = {} } = applicant;
      const admitted = {
        fields: extraFields.read(applicant.fields, "user", true).values,
        ...{ age: ageDeclarations.read(choices), wantsMarketing: choices.marketing === true },
      };
      if (token === undefined && signUpMode === "open") return { ...admitted, invitation: null };
      if (token === undefined) throw new AppError("sign_up_by_invitation");
      const invitation = await invitations.find(token);
      const isTheirs = invitation.email === null || (email !== null && isSameName(invitation.email, email));
      if (isTheirs) return { ...admitted, invitation };
      throw invalidFields({ field: "invitation", code: "invitation_of_other_address" });
    },

    /**
     * What the site's own code says to an applicant who was checked, and proved what they had to: so that strangers can't
     * make the server call out. Outside of any transaction. Errors: `hook_refused`, `unavailable`.
     */
    ask({ email }: Applicant, { invitation, fields }: Admitted, about: Asked): Promise<void> {
      const { username = null, provider = null } = about;
      const way = provider === null ? "sign_up" : "provider_sign_up";
      return runHooks.beforeSignUp({
        email: email === null ? null : readableEmail(email),
        ...{ username, way, provider, invited: invitation !== null, fields: toldOf(fields) },
      });
    },

    /**
     * Makes the account of an applicant who was checked, in the caller's transaction. `giver` "operator" where nobody
     * chose the name. Error: `invalid_fields` for a name or address that is taken, or an invitation that was used
     * meanwhile.
     */
    async add(transaction: Db, admitted: Admitted, user: NewUser, giver: NameGiver): Promise<User> {
      const created = await users.add(transaction, user, giver);
      if (!("taken" in created)) {
        await extraFields.write(transaction, created.id, admitted.fields, deps.clock.now());
        await ageDeclarations.record(transaction, created.id, admitted.age);
        if (admitted.wantsMarketing) {
          await deps.consentChoices.record(transaction, created.id, ["marketing"]);
        }
        if (admitted.invitation !== null) await invitations.use(transaction, admitted.invitation, created);
        return created;
      }
      // Where the user name is the address, whoever holds it holds the address.
      const isAddress = created.taken === "username" && user.username === user.email;
      const field = isAddress ? "email" : created.taken;
      throw invalidFields({ field, code: `${field}_taken` });
    },
  };
}
