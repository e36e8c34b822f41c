import { SettingProblem } from "../errors/setting-problem.ts";

/**
 * The password hashers by Django's names for them: the algorithm, which comes before a stored hash's first `$`, and
 * the class in django.contrib.auth.hashers. The names are kept apart from what they do, because a
 * wrong one has to be found with the configuration's other problems.
 */
const classNames = {
  argon2: "Argon2PasswordHasher",
  pbkdf2_sha256: "PBKDF2PasswordHasher",
  pbkdf2_sha1: "PBKDF2SHA1PasswordHasher",
  bcrypt_sha256: "BCryptSHA256PasswordHasher",
  bcrypt: "BCryptPasswordHasher",
  scrypt: "ScryptPasswordHasher",
  sha1: "SHA1PasswordHasher",
  md5: "MD5PasswordHasher",
  unsalted_sha1: "UnsaltedSHA1PasswordHasher",
  unsalted_md5: "UnsaltedMD5PasswordHasher",
} as const;

export type HasherName = keyof typeof classNames;

export const hasherNames = Object.keys(classNames) as HasherName[];

/** Broken ones, of old accounts: they verify where they are switched on, and never make a new hash. */
const legacy: readonly HasherName[] = ["sha1", "md5", "unsalted_sha1", "unsalted_md5"];

export const defaultHashers = [
  "argon2",
  "pbkdf2_sha256",
  "pbkdf2_sha1",
  "bcrypt_sha256",
  "bcrypt",
  "scrypt",
] as const satisfies readonly HasherName[];

/**
 * Algorithm names, or class names with or without their module path as in Django's settings; the first one makes
 * new hashes. Throws a SettingProblem.
 */
export function readHasherNames(given: readonly string[]): readonly HasherName[] {
  const chosen = given.map((text) => {
    const last = text.slice(text.lastIndexOf(".") + 1);
    const name = hasherNames.find((one) => one === last || classNames[one] === last);
    if (!name) throw new SettingProblem("hasherUnknown", { value: text, known: hasherNames.join(", ") });
    return name;
  });
  const [first] = chosen;
  if (first === undefined) throw new SettingProblem("hasherNone", { known: defaultHashers.join(",") });
  if (legacy.includes(first)) throw new SettingProblem("hasherLegacy", { name: first });
  return chosen;
}
