import { type FieldProblem, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { BreachedPasswords } from "./breached/breached-file.ts";
import type { Holder } from "./fair-waiting.ts";
import type { ForbiddenWords } from "./forbidden-words.ts";
import { type AccountWords, passwordProblem } from "./password-policy.ts";
import type { Passwords } from "./passwords.ts";

/**
 * What a new password must be, by every rule of this site: password-policy.ts, the site's own words, and the lists of breached
 * passwords where the operator has any. Never applied to a log-in. A list that can't be asked refuses nobody: it is said in the
 * log once a minute, without the password, its hash or a part of it.
 */
export interface NewPasswords {
  /** The first thing wrong with the password as a problem of `field`, or null. Asks nobody outside. */
  problem(password: string, account?: AccountWords, field?: string): Promise<FieldProblem | null>;
  /**
   * Its hash, after the service outside was asked. For whoever proved who they are: strangers must not make this server ask
   * others (guard: breached-passwords.test.ts under api). Errors: `invalid_fields` (password_breached), `busy`.
   */
  hash(password: string, holder: Holder): Promise<string>;
  close(): Promise<void>;
}

export interface NewPasswordsDeps {
  readonly passwords: Pick<Passwords, "hash">;
  readonly isForbidden: ForbiddenWords;
  readonly file: BreachedPasswords | null;
  readonly outside: BreachedPasswords | null;
  readonly clock: Clock;
  readonly log: { warn(details: object, message: string): void };
}

const quietMillis = 60_000;

export function createNewPasswords(deps: NewPasswordsDeps): NewPasswords {
  const { passwords, isForbidden, file, outside, clock, log } = deps;
  let saidAt = Number.NEGATIVE_INFINITY;

  async function isBreached(list: BreachedPasswords | null, password: string): Promise<boolean> {
    try {
      return (await list?.has(password)) ?? false;
    } catch (error) {
      const now = clock.now();
      if (now - saidAt >= quietMillis) {
        saidAt = now;
        log.warn(
          { reason: reasonOf(error) },
          "a list of breached passwords can't be asked: passwords pass unseen",
        );
      }
      return false;
    }
  }

  return {
    async problem(password, account = {}, field = "password") {
      const problem = passwordProblem(password, account, field);
      if (problem !== null) return problem;
      if (isForbidden(password)) return { field, code: "password_forbidden_word" };
      return (await isBreached(file, password)) ? { field, code: "password_breached" } : null;
    },
    async hash(password, holder) {
      if (await isBreached(outside, password))
        throw invalidFields({ field: "password", code: "password_breached" });
      return passwords.hash(password, holder);
    },
    async close() {
      await Promise.all([file?.close(), outside?.close()]);
    },
  };
}

/** The texts of what goes wrong on the way never hold the address; codes are shorter. */
function reasonOf(error: unknown): string {
  const { code, message, name } = error as Error & { code?: unknown };
  if (name === "TimeoutError") return "no answer within a second";
  return typeof code === "string" ? code : message;
}
