import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { secretDigest } from "../kernel/digest.ts";
import { randomToken } from "../kernel/ids.ts";
import type { NewPasswords } from "../passwords/new-passwords.ts";
import { hasSuperuser, isLink, keepLink, purgeLinks, takeLink } from "./first-superuser-store.ts";

/**
 * The first superuser of a set-up in development, made in a browser: by a link that whoever started the program was given.
 * Promises: there is a link only while nobody is a superuser; the latest alone opens anything, within an hour, once, whichever
 * process is asked (attack: a second account by a link read later from a screen or a file; guard: first-superuser.race.test.ts);
 * the account, its entry in the audit log and the end of the link commit together. Production has neither link nor route: there
 * the command `createsuperuser` is the only way.
 */
export interface FirstSuperuserDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly users: Users;
  readonly audit: Audit;
  readonly newPasswords: Pick<NewPasswords, "problem" | "hash">;
}

export interface FirstSuperuserInput {
  readonly token: string;
  readonly username: string;
  readonly email: string | null;
  readonly password: string;
}

export type FirstSuperuser = ReturnType<typeof createFirstSuperuser>;

const lifeMillis = 3_600_000;

export function createFirstSuperuser({ db, clock, users, audit, newPasswords }: FirstSuperuserDeps) {
  return {
    /** A new link's token, in the place of the one before; null where there is a superuser. */
    async offer(): Promise<string | null> {
      if (await hasSuperuser(db)) return null;
      const token = randomToken();
      await keepLink(db, { token_digest: secretDigest(token), expires_at: clock.now() + lifeMillis });
      return token;
    },

    /**
     * Makes the account. Errors: `first_link_bad` for a token that is used, old or none; `invalid_fields`, after which the
     * link is good as before; `busy`.
     */
    async claim({ token, username, email, password }: FirstSuperuserInput, client: string): Promise<User> {
      const digest = secretDigest(token);
      // First: strangers make this server hash nothing.
      if (!(await isLink(db, digest, clock.now()))) throw new AppError("first_link_bad");
      const problem = await newPasswords.problem(password, {
        username,
        ...(email === null ? {} : { email }),
      });
      if (problem !== null) throw invalidFields(problem);
      const password_hash = await newPasswords.hash(password, { client, account: null });
      return db.transaction(async (transaction) => {
        const isTheirs = await takeLink(transaction, digest, clock.now());
        if (!isTheirs || (await hasSuperuser(transaction))) throw new AppError("first_link_bad");
        const standing = { is_staff: 1, is_superuser: 1 } as const;
        const wanted = { username, email, ...standing, password_hash };
        const made = await users.add(transaction, wanted, "operator");
        if ("taken" in made) throw invalidFields({ field: made.taken, code: `${made.taken}_taken` });
        await audit.record(
          transaction,
          { id: made.id, name: made.username, requestId: null },
          {
            ...{ action: "user.create", targetKind: "user", targetId: made.id, target: made.username },
            ...{
              before: {},
              after: { username: made.username, email: made.email, ...standing, by: "first link" },
            },
          },
        );
        return made;
      });
    },

    /** Removes an expired link; returns how many. */
    purge: (): Promise<number> => purgeLinks(db, clock.now()),
  };
}
