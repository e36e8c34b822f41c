import type { Audit } from "../audit/audit.ts";
import { type Db, statement } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";
import { tellLocked } from "./change-events.ts";

/**
 * What people may agree to or not: an account works the same without. Promises: nothing is given that nobody chose; each choice is
 * a row with its version and time that is never altered, and an entry of the audit log; what was given to another version counts no longer; withdrawing takes
 * no more than giving (PIPL 15 and 16, GDPR 7); whoever keeps what staff read of an account is told of each. Guards:
 * consent-choices.test.ts, consent-choices.race.test.ts.
 */
export const optionalPurposes = ["marketing"] as const;
export type OptionalPurpose = (typeof optionalPurposes)[number];

/** The versions in force; a purpose without one is not asked about. */
export type ChoiceVersions = Readonly<Partial<Record<OptionalPurpose, string>>>;

/** The table `consent_choices`. */
interface Row {
  readonly user_id: number;
  readonly purpose: OptionalPurpose;
  readonly chosen_at: number;
  readonly version: string;
  readonly given: 0 | 1;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    consent_choices: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

/** How a purpose stands for a person. */
export interface Choice {
  readonly purpose: OptionalPurpose;
  /** The present one: what is given is given to it. */
  readonly version: string;
  readonly given: boolean;
  /** The last choice: when, and to which version; null where there was none. */
  readonly chosenAt: number | null;
  readonly chosenVersion: string | null;
}

export type ConsentChoices = ReturnType<typeof createConsentChoices>;

/** Of one person in a day: nobody changes their mind more often, and each is a row. */
const changesPerDay = limits["consent-choices"].most;

const latest = statement(
  "consent_choices.latest",
  (db, values: { userId: number; purpose: OptionalPurpose; limit: number }) =>
    db
      .selectFrom("consent_choices")
      .select(["chosen_at", "version", "given"])
      .where("user_id", "=", values.userId)
      .where("purpose", "=", values.purpose)
      .orderBy("chosen_at", "desc")
      .limit(values.limit),
);

const insert = statement("consent_choices.insert", (db, values: Row) =>
  db
    .insertInto("consent_choices")
    .values({
      ...{ user_id: values.user_id, purpose: values.purpose, chosen_at: values.chosen_at },
      ...{ version: values.version, given: values.given },
    })
    .returning("chosen_at"),
);

export function createConsentChoices({
  db,
  clock,
  audit,
  versions,
}: {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "record">;
  readonly versions: ChoiceVersions;
}) {
  const asked = optionalPurposes.filter((purpose) => versions[purpose] !== undefined);

  function versionOf(purpose: OptionalPurpose): string {
    const version = versions[purpose];
    if (version === undefined) throw new AppError("not_found");
    return version;
  }

  async function of(userId: number, purpose: OptionalPurpose): Promise<Choice> {
    const version = versionOf(purpose);
    const [last] = await db.all(latest, { userId, purpose, limit: 1 });
    const given = last?.given === 1 && last.version === version;
    return {
      ...{ purpose, version, given },
      ...{ chosenAt: last?.chosen_at ?? null, chosenVersion: last?.version ?? null },
    };
  }

  /** Under the account's lock: of two at once the other sees what the one chose, and chooses after it. */
  async function write(userId: number, purpose: OptionalPurpose, given: 0 | 1): Promise<void> {
    const version = versionOf(purpose);
    await tellLocked({ db, audit }, userId, async (transaction) => {
      const rows = await transaction.all(latest, { userId, purpose, limit: changesPerDay });
      const [last] = rows;
      // Said already; and who never gave has nothing to withdraw.
      const isNews = given === 1 ? last?.given !== 1 || last.version !== version : last?.given === 1;
      if (!isNews) return null;
      const now = clock.now();
      const oldest = rows.length < changesPerDay ? null : rows.at(-1)!.chosen_at;
      // Withdrawing is never kept waiting.
      if (given === 1 && oldest !== null && oldest > now - dayMillis) {
        const seconds = Math.ceil((oldest + dayMillis - now) / 1000);
        throw new AppError("throttled", { retryAfterSeconds: seconds });
      }
      const chosen_at = Math.max(now, (last?.chosen_at ?? 0) + 1);
      await transaction.first(insert, { user_id: userId, purpose, chosen_at, version, given });
      return { action: "user.consent", before: {}, after: { purpose, version, is_given: given === 1 } };
    });
  }

  return {
    isAsked: asked.length > 0,

    /** Of every purpose that is asked about. */
    list: (userId: number): Promise<Choice[]> => Promise.all(asked.map((purpose) => of(userId, purpose))),

    /**
     * Errors: `not_found` for a purpose without a version, `invalid_fields` for another than the present one, `throttled`,
     * `token_unknown_user`.
     */
    async give(userId: number, purpose: OptionalPurpose, version: string): Promise<void> {
      const wanted = versionOf(purpose);
      if (version !== wanted) {
        throw invalidFields({ field: "version", code: "terms_not_current", parameters: { version: wanted } });
      }
      await write(userId, purpose, 1);
    },

    /** Errors: `not_found` for a purpose without a version, `token_unknown_user`. */
    withdraw: (userId: number, purpose: OptionalPurpose): Promise<void> => write(userId, purpose, 0),

    /** Of somebody who is made now, in the transaction that makes them. */
    async record(transaction: Db, userId: number, purposes: readonly OptionalPurpose[]): Promise<void> {
      for (const purpose of purposes) {
        const version = versions[purpose];
        if (version === undefined) continue;
        await transaction.first(insert, {
          ...{ user_id: userId, purpose, version, given: 1, chosen_at: clock.now() },
        });
      }
    },
  };
}
