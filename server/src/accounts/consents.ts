import { type Db, statement } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * Which version of which terms a person agreed to, and when. Promises: an agreement is recorded once, with the time of the
 * first, and never altered; one to a version that is not the present one is refused, so that nobody agrees to what they
 * were not shown. Nobody is kept from logging in: what is due is told, and the site asks.
 */
export const consentDocuments = ["terms", "privacy"] as const;
export type ConsentDocument = (typeof consentDocuments)[number];

/** The versions in force; a document without one asks for nothing. */
export type TermsVersions = Readonly<Partial<Record<ConsentDocument, string>>>;

export interface Consent {
  readonly document: ConsentDocument;
  readonly version: string;
}

export type Consents = ReturnType<typeof createConsents>;

const find = statement("consents.byUser", (db, values: { userId: number }) =>
  db
    .selectFrom("consents")
    .select(["document", "version", "agreed_at"])
    .where("user_id", "=", values.userId)
    .orderBy("agreed_at"),
);

export function createConsents({ db, clock, versions }: { db: Db; clock: Clock; versions: TermsVersions }) {
  const current: readonly Consent[] = consentDocuments.flatMap((document) => {
    const version = versions[document];
    return version === undefined ? [] : [{ document, version }];
  });

  async function record(transaction: Db, userId: number, consents: readonly Consent[]): Promise<void> {
    if (consents.length === 0) return;
    const rows = consents.map((one) => ({ user_id: userId, ...one, agreed_at: clock.now() }));
    await transaction.kysely
      .insertInto("consents")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  const list = (userId: number) => db.all(find, { userId });

  return {
    /** Whether any document has a version. */
    isAsked: current.length > 0,

    /** Of a person, the oldest first. */
    list,

    /** What the person has yet to agree to. */
    async due(userId: number): Promise<readonly Consent[]> {
      if (current.length === 0) return [];
      const given = await list(userId);
      return current.filter(
        (one) => !given.some(({ document, version }) => document === one.document && version === one.version),
      );
    },

    /** Of somebody who ticked the box: the versions of now, in the transaction of what they ticked it for. */
    recordAll: (transaction: Db, userId: number): Promise<void> => record(transaction, userId, current),

    /** Errors: `not_found` for a document without a version, `invalid_fields` for a version that is not the present one. */
    async agree(userId: number, { document, version }: Consent): Promise<void> {
      const wanted = versions[document];
      if (wanted === undefined) throw new AppError("not_found");
      if (version !== wanted) {
        throw invalidFields({ field: "version", code: "terms_not_current", parameters: { version: wanted } });
      }
      await record(db, userId, [{ document, version }]);
    },
  };
}
