import { SettingProblem } from "../../errors/setting-problem.ts";

/** How one environment variable is read: its parser, its default, and what the documentation says of it. */
export interface Variable<T> {
  /** Throws a SettingProblem in words for the operator. `""` counts as not set and never arrives here. */
  readonly parse: (raw: string) => T;
  readonly fallback: T;
  readonly secret: boolean;
  readonly zh: string;
  readonly en: string;
  /** What the documentation shows as the default where the value itself doesn't read well. */
  readonly fallbackText?: string;
  /** Whether it is also read in lower case, where it is not set in upper case. */
  readonly inLowerCase?: boolean;
}

interface About {
  zh: string;
  en: string;
  secret?: boolean;
  fallbackText?: string;
  inLowerCase?: boolean;
}

function variable<T>(fallback: T, about: About, parse: (raw: string) => T): Variable<T> {
  return { secret: false, ...about, fallback, parse };
}

export const text = (fallback: string, about: About) => variable<string>(fallback, about, (raw) => raw);

/** A value that `parse` reads, which throws a SettingProblem. */
export const parsed = variable;

export const optionalText = (about: About) => variable<string | null>(null, about, (raw) => raw);

export function integer(
  fallback: number,
  range: { min: number; max: number },
  about: About,
): Variable<number> {
  return variable(fallback, about, (raw) => {
    const value = Number(raw);
    if (!/^-?\d+$/.test(raw) || value < range.min || value > range.max) {
      throw new SettingProblem("integer", { ...range, value: raw });
    }
    return value;
  });
}

/** As `integer`, null when not set: what follows then, the room decides. */
export function optionalInteger(
  range: { min: number; max: number },
  about: About & { fallbackText: string },
): Variable<number | null> {
  return variable<number | null>(null, about, integer(range.min, range, about).parse);
}

/**
 * A limit an hour, of which 0 is the default and that depends on what the installation is: the value is a function of
 * whether it is production. A default of 0 is no limit.
 */
export function limitPerHour(
  { production, development }: { readonly production: number; readonly development: number },
  about: About,
): Variable<(isProduction: boolean) => number> {
  const { parse } = integer(0, { min: 0, max: 1_000_000_000 }, about);
  const byDefault = (isProduction: boolean) => (isProduction ? production : development);
  const fallbackText = `${production} (production), ${development} (development)`;
  return variable(byDefault, { ...about, fallbackText }, (raw) => {
    const limit = parse(raw);
    return limit === 0 ? byDefault : () => limit;
  });
}

export const port = (fallback: number, about: About) => integer(fallback, { min: 0, max: 65535 }, about);

export function boolean(fallback: boolean, about: About): Variable<boolean> {
  return variable(fallback, about, (raw) => {
    if (/^(1|true|yes|on)$/i.test(raw)) return true;
    if (/^(0|false|no|off)$/i.test(raw)) return false;
    throw new SettingProblem("boolean", { value: raw });
  });
}

/** As `boolean`, null when not set: what follows then, the room decides. */
export function optionalBoolean(about: About): Variable<boolean | null> {
  return variable<boolean | null>(null, about, boolean(false, about).parse);
}

export function choice<const T extends string>(
  fallback: T,
  allowed: readonly T[],
  about: About,
): Variable<T> {
  return variable<T>(fallback, about, (raw) => {
    const found = allowed.find((one) => one === raw);
    if (!found) throw new SettingProblem("choice", { allowed: allowed.join(", "), value: raw });
    return found;
  });
}

/** The items of a comma-separated list. */
export function itemsOf(raw: string): readonly string[] {
  return raw
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A comma-separated list of some of `allowed`; where there is a `none`, that word alone for an empty one. */
export function choices<const T extends string>(
  fallback: readonly T[],
  allowed: readonly T[],
  about: About,
  none?: string,
): Variable<readonly T[]> {
  const known = [...(none === undefined ? [] : [none]), ...allowed].join(", ");
  const fallbackText = fallback.join(",") || (none ?? "");
  return variable<readonly T[]>(fallback, { fallbackText, ...about }, (raw) => {
    if (raw.trim() === none) return [];
    const items = itemsOf(raw);
    if (items.length === 0) throw new SettingProblem("choice", { allowed: known, value: raw });
    return items.map((item) => {
      const found = allowed.find((one) => one === item);
      if (found === undefined) throw new SettingProblem("choice", { allowed: known, value: item });
      return found;
    });
  });
}

/** Absolute http(s) origins, as browsers send them in the Origin header: scheme, host, port, nothing else. */
export function origins(fallback: readonly string[], about: About): Variable<readonly string[]> {
  return variable(fallback, about, (raw) => {
    const items = itemsOf(raw);
    if (items.length === 0) throw new SettingProblem("originNone");
    return items.map((item) => {
      // Browsers send whole origins, and those are compared: a pattern would match nothing.
      if (/[*]|\/\/\.|\.\./.test(item))
        throw new SettingProblem("originPattern", { value: withoutLogIn(item) });
      if (!URL.canParse(item)) throw new SettingProblem("origin", { value: withoutLogIn(item) });
      const url = new URL(item);
      if (
        !/^https?:$/.test(url.protocol) ||
        url.pathname !== "/" ||
        url.search !== "" ||
        url.username !== ""
      ) {
        throw new SettingProblem("originTooLong", { value: withoutLogIn(item) });
      }
      return url.origin;
    });
  });
}

/** Names of request headers (RFC 9110 section 5.1), in lower case as browsers ask for them. */
export function headerNames(about: About): Variable<readonly string[]> {
  return variable<readonly string[]>([], about, (raw) =>
    itemsOf(raw).map((item) => {
      if (!/^[!#$%&'*+.^_`|~\da-z-]+$/i.test(item)) throw new SettingProblem("headerName", { value: item });
      return item.toLowerCase();
    }),
  );
}

/**
 * A URL with one of the schemes, which the adapter that uses it can read: `read` throws a SettingProblem. Shown
 * masked, because it may hold a password.
 */
export function url(
  schemes: readonly string[],
  read: (raw: string) => unknown,
  about: About,
): Variable<string | null> {
  return variable<string | null>(null, { secret: true, ...about }, (raw) => {
    const scheme = raw.split(":", 1)[0]?.toLowerCase() ?? "";
    if (!schemes.includes(scheme)) {
      const known = schemes.map((one) => `${one}:`);
      throw new SettingProblem("scheme", { schemes: { zh: known.join("、"), en: known.join(" or ") } });
    }
    read(raw);
    return raw;
  });
}

/** An http(s) address below which something is reached; kept without a trailing slash. */
export function webAddress(fallback: string, about: About): Variable<string> {
  return variable(fallback, about, (raw) => {
    const url = URL.parse(raw);
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new SettingProblem("webAddress", { value: withoutLogIn(raw) });
    }
    if (url.search !== "" || url.hash !== "") {
      throw new SettingProblem("webAddressTail");
    }
    return raw.replace(/\/+$/, "");
  });
}

/** As `webAddress`, for one that people and third parties get to see. */
function siteUrl(fallback: string, about: About): Variable<string> {
  const { parse } = webAddress(fallback, about);
  return variable(fallback, about, (raw) => {
    const address = parse(raw);
    const { username, password } = new URL(address);
    if (username !== "" || password !== "") throw new SettingProblem("webAddressLogIn");
    return address;
  });
}

/**
 * As `siteUrl`, for one of ours: its path is put before paths of ours and taken off those of requests. So it is exactly what
 * it says; parts that are empty, dots or encoded are something else to some reader.
 */
export function publicUrl(fallback: string, about: About): Variable<string> {
  const { parse } = siteUrl(fallback, about);
  return variable(fallback, about, (raw) => {
    const address = parse(raw);
    const path = /^https?:\/\/[^/?#\\]+(.*)$/i.exec(address)?.[1];
    if (path === undefined || !/^(?:\/(?!\.+(?:\/|$))[\w.~-]+)*$/.test(path)) {
      throw new SettingProblem("webAddressPath");
    }
    return address;
  });
}

/**
 * Where a provider sends people back to: an http(s) address, which may have a query and must not have a fragment
 * (RFC 6749 section 3.1.2).
 */
export function readRedirectUri(raw: string): string {
  const url = URL.parse(raw);
  if (!url || !/^https?:$/.test(url.protocol) || url.hash !== "" || url.username + url.password !== "") {
    throw new SettingProblem("redirectUri", { value: withoutLogIn(raw) });
  }
  return raw.replace(/\/+$/, "");
}

/** As `siteUrl`, null when not set. */
export function optionalSiteUrl(about: About): Variable<string | null> {
  return variable<string | null>(null, about, siteUrl("", about).parse);
}

/**
 * A value without the user name and password of the URLs in it. Everything up to the last @ goes: which of several
 * ends the log-in is beyond doubt in a well-formed URL only.
 */
export function withoutLogIn(text: string): string {
  return text.replace(/\/\/.*@/s, "//…@");
}
