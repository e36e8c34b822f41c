import type { Config } from "../config/config.ts";
import { outgoingHttp } from "../engines/outgoing-http.ts";
import type { Clock } from "../kernel/clock.ts";
import { openBreachedFile } from "../passwords/breached/breached-file.ts";
import { createBreachedOnline } from "../passwords/breached/breached-online.ts";
import { createForbiddenWords } from "../passwords/forbidden-words.ts";
import { createNewPasswords, type NewPasswords } from "../passwords/new-passwords.ts";
import { createPasswords, type Passwords, type PasswordsOptions } from "../passwords/passwords.ts";

/** How passwords are hashed, and what a new one must be. The brand's names are words of the site, whatever it lists. */
export function openPasswords(
  config: Config,
  { clock, log }: { readonly clock: Clock; readonly log: NonNullable<PasswordsOptions["log"]> },
): { readonly passwords: Passwords; readonly newPasswords: NewPasswords } {
  const passwords = createPasswords({
    hashers: config.passwordHashers,
    concurrency: config.hashConcurrency,
    queueLimit: config.hashQueueLimit,
    log,
  });
  const { breachedPasswordsFile: file, breachedPasswordsUrl: url } = config;
  const newPasswords = createNewPasswords({
    ...{ passwords, clock, log },
    isForbidden: createForbiddenWords([...config.forbiddenWords, ...brandWords(config)]),
    file: file === null ? null : openBreachedFile(file),
    outside: url === null ? null : createBreachedOnline(url, outgoingHttp(config.outgoingProxy)),
  });
  return { passwords, newPasswords };
}

/** In every language that the brand has a name in. */
function brandWords({ brand: { name, short, operator } }: Config): readonly string[] {
  return [name, short, operator].flatMap((names) => Object.values(names));
}
