import { newCredentialsVersion } from "../../accounts/credentials-version.ts";
import { mobile as mobileField } from "../../accounts/mobile.ts";
import type { StoredAccount } from "../../accounts/record.ts";
import type { Flag } from "../../engines/database/flag.ts";
import { hasherNames } from "../../passwords/hasher-names.ts";
import { algorithmOf } from "../../passwords/passwords.ts";
import { cut, type Note, readEmail, readMobile, readNickname, readUsername, text } from "./django-names.ts";
import type { Row } from "./django-reader.ts";
import type { Finding } from "./import-report.ts";

/**
 * One row of a Django users table as a row of ours. Pure but for the version. What fits is kept as it is, hash included; what
 * doesn't is put right or left out, and every such thing is a finding. An account is refused only where no
 * row could stand for it.
 */
export interface ReadAccount {
  /** Null when it can't be imported at all. */
  readonly account: StoredAccount | null;
  readonly findings: readonly Finding[];
  /** Its log-in names as the source writes them, before they were put right. */
  readonly written: Written;
}

/** What imports before names were put right took over of a row. */
export interface Written {
  readonly username: string;
  readonly email: string;
  readonly mobile: string;
  readonly first_name: string;
  readonly last_name: string;
}

const hashLimit = 255;

export interface ReadOptions {
  /** Whether some hasher that is switched on could verify the stored value. */
  readonly isUsableHash: (encoded: string) => boolean;
  /** Take the addresses as confirmed: the original sent a code to each before it made the account. */
  readonly emailsConfirmed: boolean;
  /** Take the numbers as proved, when the account was last seen there: the original sent a code to each. */
  readonly numbersProved?: boolean | undefined;
  /** The column that holds the nickname, if one does. */
  readonly nicknameColumn?: string | undefined;
}

/** Throws RangeError where the id is not an integer: then this is not a Django table that we know. */
export function readAccount(row: Row, options: ReadOptions): ReadAccount {
  const id = Number(row.id);
  if (!Number.isSafeInteger(id)) {
    throw new RangeError(`the id ${String(row.id).slice(0, 40)} of a user is not an integer`);
  }
  const findings: Finding[] = [];
  const written = {
    ...{ username: text(row.username), email: text(row.email), mobile: text(row.mobile) },
    ...{ first_name: text(row.first_name), last_name: text(row.last_name) },
  };
  const note: Note = (kind, detail = "") =>
    findings.push({ kind, table: "users", id, name: written.username.slice(0, 60), detail });

  if (id < 1) {
    note("refused_id");
    return { account: null, findings, written };
  }
  const username = readUsername(written.username, note);
  if (username === null) return { account: null, findings, written };
  const email = readEmail(written.email, note);
  const mobile = row.mobile == null ? null : readMobile(written.mobile, note);
  const joined = parseTime(row.date_joined);
  if (joined === null) note("bad_time", `date_joined ${text(row.date_joined).slice(0, 40)}`);
  const lastLogin = row.last_login == null ? null : parseTime(row.last_login);
  if (row.last_login != null && lastLogin === null) {
    note("bad_time", `last_login ${text(row.last_login).slice(0, 40)}`);
  }
  if (flag(row.is_active) === 0) note("disabled_account");
  const password_hash = readHash(text(row.password), options.isUsableHash, note);
  const isProved =
    options.numbersProved === true && mobile !== null && mobileField.operator.check(mobile) === null;
  return {
    account: {
      id,
      username,
      email,
      mobile,
      proved_mobile: isProved ? mobile : null,
      mobile_proved_at: isProved ? Math.max(joined ?? 0, lastLogin ?? 0) : null,
      ...{ deletion_due_at: null, deletion_asked_at: null, erasure_begun_at: null },
      first_name: cut(text(row.first_name), "first_name", note),
      last_name: cut(text(row.last_name), "last_name", note),
      nickname: readNickname(
        options.nicknameColumn === undefined ? "" : text(row[options.nicknameColumn]),
        note,
      ),
      ...{ provider_nickname: null, provider_avatar: null, avatar: null },
      password_hash,
      password_trimmed: 1,
      is_active: flag(row.is_active),
      is_staff: flag(row.is_staff),
      is_superuser: flag(row.is_superuser),
      email_verified: email !== null && (options.emailsConfirmed || flag(row.email_active) === 1) ? 1 : 0,
      username_due: null,
      username_changed_at: null,
      second_factor_at: null,
      second_factor_asked_at: null,
      credentials_version: newCredentialsVersion(),
      credentials_changed_at: null,
      password_reset_at: null,
      last_login_at: lastLogin,
      version: 0,
      joined_at: joined ?? 0,
      created_at: joined ?? 0,
      updated_at: joined ?? 0,
    },
    findings,
    written,
  };
}

function readHash(stored: string, isUsable: ReadOptions["isUsableHash"], note: Note): string {
  if (stored.startsWith("!") && stored.length <= hashLimit) {
    note("unusable_password");
    return stored;
  }
  if (stored.length > hashLimit || stored.includes("\0") || stored === "") {
    note("broken_hash", "removed: empty or too long to be a hash");
    return "!";
  }
  if (!isUsable(stored)) {
    const off = algorithmOf(stored);
    const named = /^([a-z][a-z0-9_]{0,29})\$/.exec(stored)?.[1] ?? "";
    if (off) note("hasher_off", off);
    else if (named && !hasherNames.some((name) => name === named)) note("hasher_unknown", named);
    else note("broken_hash", `${stored.slice(0, 14)}…`);
  }
  return stored;
}

function flag(value: unknown): Flag {
  return value === true || value === 1 || value === "1" || value === "t" || value === "true" ? 1 : 0;
}

const time =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$/;

/** Epoch milliseconds; a time without a zone is UTC, as Django stores it. Null when it is none. */
export function parseTime(value: unknown): number | null {
  const found = time.exec(text(value).trim());
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as number[];
  const millisecond = Math.floor(Number((found[7] ?? "0").padEnd(6, "0")) / 1000);
  const at = Date.UTC(year!, month! - 1, day, hour, minute, second, millisecond);
  if (new Date(at).getUTCDate() !== day || new Date(at).getUTCMonth() !== month! - 1) return null;
  const offset = (Number(found[9] ?? 0) * 60 + Number(found[10] ?? 0)) * 60_000;
  return found[8] === "-" ? at + offset : at - offset;
}
