import { setTimeout as delay } from "node:timers/promises";
import { randomToken } from "../kernel/ids.ts";
import { defaultHashConcurrency } from "../process/hash-concurrency.ts";
import { argon2 } from "./argon2.ts";
import { bcrypt, bcryptSha256 } from "./bcrypt.ts";
import { createFailureFloor } from "./failure-floor.ts";
import type { Holder } from "./fair-waiting.ts";
import { giveWayToEventLoop } from "./hash-priority.ts";
import { createHashQueue } from "./hash-queue.ts";
import type { Hasher, StoredHash } from "./hasher.ts";
import { defaultHashers, type HasherName, readHasherNames } from "./hasher-names.ts";
import { md5, sha1, unsaltedMd5, unsaltedSha1 } from "./legacy.ts";
import { pbkdf2Sha1, pbkdf2Sha256 } from "./pbkdf2.ts";
import { scrypt } from "./scrypt.ts";

/**
 * Hashes and checks passwords in Django's notation. Promises: hashing never runs on the event loop, never
 * more than `concurrency` at once, and is refused (`busy`) rather than piled up; a malformed, unusable or
 * hostile stored hash never matches, never throws and never costs more than a fixed bound; a failed check
 * takes the same time whatever hash the account has, also when there is no account (failure-floor.ts).
 * Never logs or keeps a password.
 */
export interface Passwords {
  /** Hashes with the first hasher. Throws `busy`. */
  hash(password: string, holder: Holder): Promise<string>;
  /** Throws `busy`; anything wrong with the stored hash is a plain `ok: false`. */
  verify(
    password: string,
    encoded: string,
    holder: Holder,
    options?: { trimmed?: boolean },
  ): Promise<Verdict>;
  /** What to do for an unknown account: takes as long as a failed `verify`. Throws `busy`. */
  verifyNobody(password: string, holder: Holder): Promise<void>;
  /** A stored value that no password matches, as Django's `set_unusable_password` makes it. */
  unusable(): string;
  /** Whether some password could match the stored value: false for unusable, malformed or switched-off ones. */
  isUsable(encoded: string): boolean;
  /** For metrics. */
  stats(): { running: number; waiting: number; refused: number; finished: number };
}

export interface Verdict {
  readonly ok: boolean;
  /** The password was right, but the hash is of another algorithm or weaker than today's. */
  readonly needsRehash: boolean;
  /**
   * When `ok`, what matched and is to be hashed again: the password, or its trimmed form where the original
   * had trimmed it (the mark then stays, so that both ways of typing it go on working).
   */
  readonly matched: string | null;
}

export interface PasswordsOptions {
  /** Algorithm names or Django's class names, with or without their module path. The first one hashes. */
  readonly hashers?: readonly string[];
  /** Hashes at once; default: the number of cores. */
  readonly concurrency?: number;
  /** Hashes waiting before the answer is `busy`; null: as many as get their turn soon (hash-queue.ts). */
  readonly queueLimit?: number | null;
  /** What a failure's work took and what it waits besides, in milliseconds; the process's own unless given. */
  readonly time?: { now(): number; wait(milliseconds: number): Promise<unknown> };
  /** Told of native failures, never of passwords or hashes. */
  readonly log?: { warn(details: object, message: string): void };
}

const hashersByName: Readonly<Record<HasherName, Hasher>> = {
  argon2,
  pbkdf2_sha256: pbkdf2Sha256,
  pbkdf2_sha1: pbkdf2Sha1,
  bcrypt_sha256: bcryptSha256,
  bcrypt,
  scrypt,
  sha1,
  md5,
  unsalted_sha1: unsaltedSha1,
  unsalted_md5: unsaltedMd5,
};

/** The algorithm whose hash this is, switched on or not; null for one that none of ours reads. */
export function algorithmOf(encoded: string): HasherName | null {
  return Object.values(hashersByName).find((hasher) => hasher.read(encoded) !== null)?.algorithm ?? null;
}

/** Longer than Django's column; whatever is longer is no hash. */
const maxEncodedLength = 512;

const ownTime = { now: () => performance.now(), wait: (milliseconds: number) => delay(milliseconds) };

export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const { time = ownTime } = options;
  const hashers = readHasherNames(options.hashers ?? defaultHashers).map((name) => hashersByName[name]);
  const first = hashers[0] as Hasher;
  const decoy = first.read(first.decoy) as StoredHash;
  const concurrency = options.concurrency ?? defaultHashConcurrency(1);
  const queue = createHashQueue(concurrency, options.queueLimit ?? null, () => {
    try {
      giveWayToEventLoop();
    } catch (error) {
      options.log?.warn({ err: error }, "hashes keep their priority: log-ins may slow other requests down");
    }
  });
  // A password with spaces around it is tried twice; its failures are a class of their own.
  const failures = { once: createFailureFloor(), twice: createFailureFloor() };

  function read(encoded: string): { stored: StoredHash; hasher: Hasher } | null {
    if (encoded === "" || encoded.startsWith("!") || encoded.length > maxEncodedLength) return null;
    for (const hasher of hashers) {
      const stored = hasher.read(encoded);
      if (stored) return { stored, hasher };
    }
    return null;
  }

  /** Checks each candidate until one matches; says which and how, and how long the computing took. */
  async function check(
    stored: StoredHash,
    candidates: readonly string[],
    holder: Holder,
    counts: (it: string) => boolean,
  ) {
    const ways = stored.otherwise ? [stored.matches, stored.otherwise] : [stored.matches];
    return queue.run(async () => {
      const begin = time.now();
      for (const candidate of candidates) {
        for (const way of ways) {
          const isRight = await way(candidate).catch((error: unknown) => {
            options.log?.warn(
              { err: error, kind: stored.kind },
              "a stored password hash could not be checked",
            );
            return false;
          });
          if (isRight && counts(candidate)) return { matched: candidate, way, milliseconds: 0 };
        }
      }
      return { matched: null, way: null, milliseconds: time.now() - begin };
    }, holder);
  }

  async function fail(password: string, kind: string, milliseconds: number): Promise<void> {
    const floor = tries(password).length === 1 ? failures.once : failures.twice;
    floor.note(kind, milliseconds);
    const missing = floor.floor() - milliseconds;
    if (missing > 0) await time.wait(missing);
  }

  /** The same code and the same computing as for somebody whose hash the first hasher made. */
  async function failForNobody(password: string, holder: Holder): Promise<void> {
    const { milliseconds } = await check(decoy, tries(password), holder, () => false);
    await fail(password, decoy.kind, milliseconds);
  }

  return {
    hash: (password, holder) => queue.run(() => first.hash(password), holder),

    async verify(password, encoded, holder, { trimmed = false } = {}) {
      const found = read(encoded);
      if (!found) {
        await failForNobody(password, holder);
        return failed;
      }
      const { stored, hasher } = found;
      // The trimmed form is computed for everybody but counts only where the original had trimmed.
      const counts = (candidate: string) => trimmed || candidate === password;
      const { matched, way, milliseconds } = await check(stored, tries(password), holder, counts);
      if (matched !== null) {
        const needsRehash = hasher !== first || stored.outdated || way === stored.otherwise;
        return { ok: true, needsRehash, matched };
      }
      await fail(password, stored.kind, milliseconds);
      return failed;
    },

    verifyNobody: failForNobody,
    unusable: () => `!${randomToken(30)}`,
    isUsable: (encoded) => read(encoded) !== null,
    stats: queue.stats,
  };
}

const failed: Verdict = { ok: false, needsRehash: false, matched: null };

/**
 * The password, and its trimmed form where that differs. For every account and for none, whether or not the
 * original may have trimmed it: else a password with a space at its end would tell, by taking twice as long,
 * which accounts were imported.
 */
function tries(password: string): string[] {
  const trimmed = password.trim();
  return trimmed === password ? [password] : [password, trimmed];
}
