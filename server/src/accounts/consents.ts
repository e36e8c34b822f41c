import type { Audit } from "../audit/audit.ts";
import { type Db, statement } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { tellLocked } from "./change-events.ts";
import type { User } from "./record.ts";

/**
 * Which version of which terms a person agreed to, and when. Promises: an agreement is recorded once, with the time of the
 * first, never altered, and in the audit log; one to a version that is not the present one is refused, so that nobody agrees to what they
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

export interface ConsentsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "record">;
  readonly versions: TermsVersions;
}

export function createConsents({ db, clock, audit, versions }: ConsentsDeps) {
  const current: readonly Consent[] = consentDocuments.flatMap((document) => {
    const version = versions[document];
    return version === undefined ? [] : [{ document, version }];
  });

  /** What of it was not agreed to before. */
  async function record(
    transaction: Db,
    userId: number,
    consents: readonly Consent[],
  ): Promise<readonly Consent[]> {
    if (consents.length === 0) return [];
    const rows = consents.map((one) => ({ user_id: userId, ...one, agreed_at: clock.now() }));
    const written = await transaction.kysely
      .insertInto("consents")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .returning(["document", "version"])
      .execute();
    return written as readonly Consent[];
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

    /**
     * Of somebody who ticked the box: the versions of now, in the transaction of what they ticked it for. `action`: by which the audit
     * log has it; that of a new account tells nobody anything beside `user.created`.
     */
    async recordAll(
      transaction: Db,
      { id, username: target }: Pick<User, "id" | "username">,
      action: "user.consent-at-sign-up" | "user.consent",
    ): Promise<void> {
      for (const agreed of await record(transaction, id, current)) {
        const about = { action, targetKind: "user", targetId: id, target } as const;
        const actor = { id, name: target, requestId: null };
        await audit.record(transaction, actor, { ...about, before: {}, after: { ...agreed } });
      }
    },

    /** Errors: `token_unknown_user`, `not_found` for a document without a version, `invalid_fields` for a version that is not the present one. */
    async agree(userId: number, { document, version }: Consent): Promise<void> {
      const wanted = versions[document];
      if (wanted === undefined) throw new AppError("not_found");
      if (version !== wanted) {
        throw invalidFields({ field: "version", code: "terms_not_current", parameters: { version: wanted } });
      }
      await tellLocked({ db, audit }, userId, async (transaction) => {
        if ((await record(transaction, userId, [{ document, version }])).length === 0) return null;
        return { action: "user.consent", before: {}, after: { document, version } };
      });
    },
  };
}
