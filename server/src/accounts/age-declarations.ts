import type { Audit } from "../audit/audit.ts";
import { type Db, statement } from "../engines/database/database.ts";
import { type FieldProblem, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { checkEmail, emailMaxLength } from "../kernel/email-address.ts";
import { checkMobile } from "../kernel/mobile.ts";
import { tellLocked } from "./change-events.ts";

/**
 * What people say of their age where the site asks (AGE_GATE), as data of children under 14 are sensitive and need a guardian's
 * consent (PIPL 28 and 31). No date of birth is asked for: that one is 14 or older, or that a guardian agrees and how the guardian
 * is reached. Promises: where it is asked, nobody makes an account without saying it; each statement is kept with its time and never
 * altered, and told to whoever keeps what staff read of an account. Nothing of it is checked against anything: what is typed is what is
 * kept. Guard: age-gate.test.ts.
 */
export const ageGates = ["off", "guardian", "refuse"] as const;
/** `guardian`: a child comes with a guardian; `refuse`: no child comes. */
export type AgeGate = (typeof ageGates)[number];

export const declaredAges = ["14_or_older", "guardian_agrees"] as const;
export type DeclaredAge = (typeof declaredAges)[number];

/** As it is sent. */
export interface AgeSent {
  readonly age_declared?: DeclaredAge | undefined;
  readonly guardian_contact?: string | undefined;
}

export interface AgeDeclaration {
  readonly declared: DeclaredAge;
  readonly guardian_contact: string | null;
}

/** The table `age_declarations`. */
interface Row extends AgeDeclaration {
  readonly user_id: number;
  readonly declared_at: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    age_declarations: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

export type AgeDeclarations = ReturnType<typeof createAgeDeclarations>;

/** An address or a number, which is what somebody is reached by. */
export const guardianContactLength = emailMaxLength;

/** E.164: a guardian may be reached abroad, wherever the site's own numbers are from. */
const internationalNumber = /^\+[1-9]\d{6,14}$/;

const byUser = statement("age_declarations.byUser", (db, values: { userId: number }) =>
  db
    .selectFrom("age_declarations")
    .select(["declared", "guardian_contact", "declared_at"])
    .where("user_id", "=", values.userId)
    .orderBy("declared_at", "desc")
    // Who said both in one moment is the older of the two.
    .orderBy("declared")
    .limit(1),
);

export interface AgeDeclarationsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "record">;
  readonly gate: AgeGate;
}

export function createAgeDeclarations({ db, clock, audit, gate }: AgeDeclarationsDeps) {
  const isAsked = gate !== "off";

  function problemsOf({ age_declared: declared, guardian_contact: contact = "" }: AgeSent): FieldProblem[] {
    if (!isAsked) return [];
    if (declared === undefined) return [{ field: "age_declared", code: "age_not_declared" }];
    if (declared === "14_or_older") return [];
    if (gate === "refuse") return [{ field: "age_declared", code: "age_too_young" }];
    const field = "guardian_contact";
    if (contact.trim() === "") return [{ field, code: "required" }];
    const given = contact.trim();
    const isNumber = checkMobile(given) === null || internationalNumber.test(given);
    return isNumber || checkEmail(given) === null ? [] : [{ field, code: "not_a_contact" }];
  }

  /** What is kept of it; null where nothing is asked. */
  function read(sent: AgeSent): AgeDeclaration | null {
    const { age_declared: declared, guardian_contact: contact = "" } = sent;
    if (!isAsked || declared === undefined) return null;
    return { declared, guardian_contact: declared === "guardian_agrees" ? contact.trim() : null };
  }

  /** False where nothing is said, or this was said before. */
  async function record(at: Db, userId: number, declaration: AgeDeclaration | null): Promise<boolean> {
    if (declaration === null) return false;
    const written = await at.kysely
      .insertInto("age_declarations")
      .values({ user_id: userId, ...declaration, declared_at: clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .returning("declared")
      .executeTakeFirst();
    return written !== undefined;
  }

  return {
    isAsked,
    problemsOf,
    read,
    record,

    /** The last statement; null where there is none. */
    of: (userId: number) => db.first(byUser, { userId }),

    /** Errors: `invalid_fields`, `token_unknown_user`. */
    async declare(userId: number, sent: AgeSent): Promise<void> {
      const problems = problemsOf(sent);
      if (problems.length > 0) throw invalidFields(...problems);
      await tellLocked({ db, audit }, userId, async (transaction) => {
        const said = read(sent);
        if (said === null || !(await record(transaction, userId, said))) return null;
        // Who the guardian is stands beside the statement alone.
        return { action: "user.age", before: {}, after: { declared: said.declared } };
      });
    },
  };
}
